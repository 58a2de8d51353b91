package server

import (
	"net/http"

	"scimgate/scim"
)

// pieceSize is how much of an answer gathers before it is written, in bytes.
const pieceSize = 64 << 10

// stream writes an answer piece by piece, so that a group of a million members
// takes no more memory than one of a thousand. What fits into one piece is
// answered whole, and can still be an error.
type stream struct {
	*call
	status int
	buffer *[]byte
	begun  bool
}

// sendStream answers with what write appends to the stream.
func (c *call) sendStream(status int, write func(*stream) error) error {
	s := &stream{call: c, status: status, buffer: getBuffer()}
	defer putBuffer(s.buffer)
	*s.buffer = (*s.buffer)[:0]
	switch err := write(s); {
	case err != nil && s.begun:
		c.logFault(err)
		panic(http.ErrAbortHandler) // the client must not take a part for the whole
	case err != nil:
		return err
	case !s.begun:
		c.send(status, *s.buffer)
	default:
		s.flush()
	}
	return nil
}

func (s *stream) write(f func(dst []byte) []byte) {
	*s.buffer = f(*s.buffer)
	if len(*s.buffer) >= pieceSize {
		s.flush()
	}
}

// list appends a ListResponse, each resource by item.
func (s *stream) list(head scim.ListHead, item func(i int) error) (err error) {
	s.write(func(dst []byte) []byte {
		return scim.AppendList(dst, head, func(dst []byte, i int) []byte {
			*s.buffer = dst
			if err == nil {
				err = item(i)
			}
			return *s.buffer
		})
	})
	return err
}

// flush writes what has gathered.
func (s *stream) flush() {
	if !s.begun {
		s.begun = true
		s.call.status = s.status
		s.w.Header()["Content-Type"] = contentType
		s.w.WriteHeader(s.status)
	}
	if s.r.Method != http.MethodHead {
		_, _ = s.w.Write(*s.buffer) // a client that has gone cannot be told
	}
	*s.buffer = (*s.buffer)[:0]
}
