package scim

import (
	"strconv"

	"scimgate/scim/value"
)

// The bounds of a bulk request, as ServiceProviderConfig announces them.
const (
	MaxBulkOperations = 1000
	MaxBulkPayload    = 4 << 20 // bytes
)

// Bulk is a bulk request (RFC 7644 §3.7).
type Bulk struct {
	FailOnErrors int // the failure after which nothing more is done; 0: do all
	Operations   []BulkOperation
}

// BulkOperation is one operation of a Bulk.
type BulkOperation struct {
	Method  string
	BulkID  string // the client's name for what a POST makes
	Version string // an entity tag, or ""
	Path    string
	Data    value.Value

	// Fault is why the operation cannot be tried, an *Error. It is no fault of the
	// request's: the others are tried.
	Fault error
}

// ReadBulk reads a bulk request. The error is an *Error: 400, or 413 for too many
// operations.
func ReadBulk(doc value.Value, m Mode) (*Bulk, error) {
	o, err := readMessage(doc, BulkRequestURN, m)
	if err != nil {
		return nil, err
	}
	b := &Bulk{}
	if b.FailOnErrors, err = readFailOnErrors(o); err != nil {
		return nil, err
	}
	list, _ := o.Get("Operations")
	switch items := list.Items(); {
	case len(items) == 0:
		return nil, Errorf(InvalidSyntax, "The attribute Operations must be a list of operations.")
	case len(items) > MaxBulkOperations:
		return nil, Statusf(413, "The bulk request has more operations than maxOperations (%d).", MaxBulkOperations)
	default:
		b.Operations = make([]BulkOperation, len(items))
		for i, item := range items {
			b.Operations[i].read(item)
		}
		return b, nil
	}
}

// readFailOnErrors reads after how many failures to end. None to be accepted is
// taken for the first to end it: the client asks for caution.
func readFailOnErrors(o *value.Object) (int, error) {
	v, _ := o.Get("failOnErrors")
	if v.IsNull() {
		return 0, nil
	}
	n, err := strconv.Atoi(v.Text())
	if v.Kind() != value.Number || err != nil || n < 0 {
		return 0, Errorf(InvalidValue, "The attribute failOnErrors must be a number of errors.")
	}
	return max(1, n), nil
}

// read reads one operation as far as it can be read.
func (op *BulkOperation) read(v value.Value) {
	if v.Object() == nil {
		op.Fault = Errorf(InvalidSyntax, "An operation must be a JSON object.")
		return
	}
	for _, text := range []struct {
		name string
		to   *string
	}{{"method", &op.Method}, {"bulkId", &op.BulkID}, {"version", &op.Version}, {"path", &op.Path}} {
		given, _ := v.Object().Get(text.name)
		*text.to = given.Text()
		if !given.IsNull() && given.Kind() != value.String {
			*text.to = ""
			op.Fault = Errorf(InvalidSyntax, "The attribute %s of an operation must be a text.", text.name)
		}
	}
	op.Data, _ = v.Object().Get("data")
}

// BulkResult is what became of an operation.
type BulkResult struct {
	Method, BulkID    string
	Version, Location string // "" where there is none
	Status            int
	Error             *Error // nil if it went well
}

// AppendBulk appends a bulk response (RFC 7644 §3.7.3). What went well is told
// without the resource, as the RFC permits: a client that wants it has its location.
func AppendBulk(dst []byte, results []BulkResult) []byte {
	dst = append(dst, `{"schemas":["`+BulkResponseURN+`"],"Operations":[`...)
	for i := range results {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = results[i].appendTo(dst)
	}
	return append(dst, "]}"...)
}

func (r *BulkResult) appendTo(dst []byte) []byte {
	dst = value.Append(append(dst, `{"method":`...), value.NewText(r.Method))
	dst = appendGiven(dst, `,"bulkId":`, r.BulkID)
	dst = appendGiven(dst, `,"version":`, r.Version)
	dst = appendGiven(dst, `,"location":`, r.Location)
	dst = strconv.AppendInt(append(dst, `,"status":"`...), int64(r.Status), 10)
	dst = append(dst, '"')
	if r.Error != nil {
		dst = AppendError(append(dst, `,"response":`...), r.Error)
	}
	return append(dst, '}')
}

// appendGiven appends a member unless its text is empty.
func appendGiven(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	return value.Append(append(dst, name...), value.NewText(text))
}
