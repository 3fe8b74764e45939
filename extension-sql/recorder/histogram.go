package recorder

import (
	"bytes"
	"encoding/binary"
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
	// pages is nil while nothing was added: a comparison keeps thousands of histograms that are empty or packed.
	pages *[pages]*[pageSize]int64
	// packed holds all counts instead of the pages, while nothing is added: see pack.
	packed []byte
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
	*h.at(bucketOf(latency))++
}

// pack keeps the counts in a third of the memory or less: for each bucket that has one, how far it is from the one before
// and the count, as varints.
func (h *histogram) pack() {
	if h.packed != nil {
		return
	}

	packed, last := []byte{}, 0

	h.each(func(bucket int, count int64) {
		packed = binary.AppendUvarint(packed, uint64(bucket-last))
		packed = binary.AppendUvarint(packed, uint64(count))
		last = bucket
	})

	*h = histogram{packed: bytes.Clone(packed)}
}

func (h *histogram) unpack() {
	if h.packed == nil {
		return
	}

	made := histogram{}

	h.each(func(bucket int, count int64) { *made.at(bucket) = count })

	*h = made
}

// at is a bucket's count, in a page that is made where there is none.
func (h *histogram) at(bucket int) *int64 {
	if h.pages == nil {
		h.pages = new([pages]*[pageSize]int64)
	}

	page := h.pages[bucket>>pageBits]
	if page == nil {
		page = new([pageSize]int64)
		h.pages[bucket>>pageBits] = page
	}

	return &page[bucket&(pageSize-1)]
}

// each goes through the buckets that hold something, from the lowest on.
func (h *histogram) each(visit func(bucket int, count int64)) {
	if h.packed != nil {
		bucket := 0

		for rest := h.packed; len(rest) > 0; {
			distance, size := binary.Uvarint(rest)
			count, more := binary.Uvarint(rest[size:])
			rest = rest[size+more:]
			bucket += int(distance)

			visit(bucket, int64(count))
		}

		return
	}

	if h.pages == nil {
		return
	}

	for index, page := range h.pages {
		if page == nil {
			continue
		}

		for i, count := range page {
			if count > 0 {
				visit(index<<pageBits|i, count)
			}
		}
	}
}

func (h *histogram) merge(other *histogram) {
	h.unpack()

	other.each(func(bucket int, count int64) { *h.at(bucket) += count })
}

// hdr is the same as an HdrHistogram, bucket for bucket.
func (h *histogram) hdr() *hdrhistogram.Histogram {
	made := hdrhistogram.New(lowest, highest, digits)

	h.each(func(bucket int, count int64) {
		_ = made.RecordValues(lowestOf(bucket), count) // cannot fail below highest
	})

	return made
}
