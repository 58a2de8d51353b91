package traffic

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// mostPacked bounds what is unpacked, some ten times what a process packs at most.
const mostPacked = 1 << 20

// packer packs one at a time: what compresses takes half a megabyte, once.
type packer struct{ w *flate.Writer }

// pack is what s is told by: compressed, because lines are much alike.
func (p *packer) pack(s seen) ([]byte, error) {
	var text bytes.Buffer
	if p.w == nil {
		p.w, _ = flate.NewWriter(nil, flate.BestSpeed) // fails for levels that there are not
	}
	p.w.Reset(&text)
	if err := json.NewEncoder(p.w).Encode(s); err != nil {
		return nil, err
	}
	if err := p.w.Close(); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// unpack reads what another process, perhaps of another build, has packed.
func unpack(text string) (s seen, err error) {
	r := flate.NewReader(strings.NewReader(text))
	if err := json.NewDecoder(io.LimitReader(r, mostPacked)).Decode(&s); err != nil {
		return seen{}, fmt.Errorf("traffic: unpack: %w", err)
	}
	for _, h := range s.Hours {
		if h == nil {
			return seen{}, errors.New("traffic: unpack: an hour is missing")
		}
	}
	return s, nil
}
