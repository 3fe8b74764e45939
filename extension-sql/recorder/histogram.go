package recorder

import (
	"math/bits"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// lowest and highest bound the histograms, in nanoseconds; longer latencies are counted as the highest.
	lowest  = 1
	highest = int64(60 * time.Second)
	// digits gives 3 significant digits: a percentile is off by at most 0.1 %.
	digits = 3

	// HdrHistogram's layout for these: whole nanoseconds below 2048, above that 1024 buckets for each power of two.
	exactBits = 11
	exact     = 1 << exactBits
	half      = exact / 2

	pageBits = 7
	pageSize = 1 << pageBits
	pages    = (exact+(36-exactBits)*half)/pageSize + 1 // 60 s are below 2^36 ns
)

// histogram counts latencies in the buckets of an HdrHistogram, in pages that are made when they are first needed.
//
// An HdrHistogram of this range is an array of 220 KB, too much for each virtual user in each block: latencies of one
// block fall into a few kilobytes of it.
type histogram struct {
	pages [pages]*[pageSize]int64
}

// bucketOf tells the bucket of a latency between 0 and highest.
func bucketOf(latency int64) int {
	if latency < exact {
		return int(latency)
	}

	shift := bits.Len64(uint64(latency)) - exactBits

	return exact + (shift-1)*half + int(latency>>shift) - half
}

// lowestOf is the least latency that falls into a bucket.
func lowestOf(bucket int) int64 {
	if bucket < exact {
		return int64(bucket)
	}

	shift := (bucket-exact)/half + 1

	return int64((bucket-exact)%half+half) << shift
}

func (h *histogram) add(latency int64) {
	bucket := bucketOf(latency)

	page := h.pages[bucket>>pageBits]
	if page == nil {
		page = new([pageSize]int64)
		h.pages[bucket>>pageBits] = page
	}

	page[bucket&(pageSize-1)]++
}

func (h *histogram) merge(other *histogram) {
	for index, page := range other.pages {
		if page == nil {
			continue
		}

		if h.pages[index] == nil {
			h.pages[index] = new([pageSize]int64)
		}

		for i, count := range page {
			h.pages[index][i] += count
		}
	}
}

// hdr is the same as an HdrHistogram, bucket for bucket.
func (h *histogram) hdr() *hdrhistogram.Histogram {
	made := hdrhistogram.New(lowest, highest, digits)

	for index, page := range h.pages {
		if page == nil {
			continue
		}

		for i, count := range page {
			if count > 0 {
				_ = made.RecordValues(lowestOf(index<<pageBits|i), count) // cannot fail below highest
			}
		}
	}

	return made
}
