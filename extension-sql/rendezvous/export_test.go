package rendezvous

// Arrived is how many have come to a meeting so far.
func (r *Root) Arrived(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()

	if one, known := r.meetings[name]; known {
		return one.arrived
	}

	return 0
}
