package entra

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Exercise says what a Drill does.
type Exercise struct {
	Areas []string // of the table; nil is all
	// Prefix begins the name of everything that is made; "" makes one up that no
	// run had before.
	Prefix string
	// Deliver has what is made delivered, too: else a scimgate that is drilled is told
	// to keep it from the account.
	Deliver bool
	// Progress, if not nil, is told before each row how far it is.
	Progress func(Stage)
}

// Stage is how far a Drill is.
type Stage struct {
	Row              string // that comes now; "" at the end
	Done, Of, Failed int
}

// Drilled is what a Drill found.
type Drilled struct {
	OK       bool    `json:"ok"`
	Prefix   string  `json:"prefix"`
	Passed   int     `json:"passed"`
	Failed   int     `json:"failed"`
	Requests int     `json:"requests"`
	Waits    int     `json:"waits"` // requests that were told to come later
	Seconds  float64 `json:"seconds"`
	Rows     []Row   `json:"rows"`
	// Stopped is why the rows behind the last one were not played.
	Stopped string `json:"stopped,omitempty"`
	// Left is what was made and could not be removed: "/Users/<id>", or what is
	// known of it.
	Left []string `json:"left,omitempty"`
}

// Row is one thing that clients do, and whether the endpoint takes it.
type Row struct {
	Area   string `json:"area"`
	Name   string `json:"name"`
	Source string `json:"source"` // who sends it, or asks for the answer
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"` // what is wrong
	// Exchanges are the requests of a row that failed; it failed at the last one.
	Exchanges []Exchange `json:"exchanges,omitempty"`
}

// Exchange is one request and its answer, for people. It shows nobody whom the
// drill did not make, and not the token.
type Exchange struct {
	Asked    string `json:"asked"`
	Answered string `json:"answered"`
}

// maxSilent is after how many rows in a row without an answer a drill gives up:
// an endpoint that hangs is not asked a hundred times more.
const maxSilent = 3

// Areas names the areas of the table, in its order.
func Areas() []string {
	names := make([]string, len(areas))
	for i, a := range areas {
		names[i] = a.name
	}
	return names
}

// Drill plays what Entra and Okta are known to send, row by row, and judges the
// answers. Each row makes its own users and groups and removes them, also after a
// failure and when ctx ends; it writes to nothing else. The error tells that there
// was no point in beginning: the endpoint is not there, or not for this token.
func Drill(ctx context.Context, c *Client, e Exercise) (Drilled, error) {
	cases, err := e.cases()
	if err != nil {
		return Drilled{}, err
	}
	c = c.marked(!e.Deliver)
	a, _, err := c.find(ctx, uuid.NewString())
	if a == nil {
		return Drilled{}, err
	}
	if a.status == http.StatusUnauthorized || a.status == http.StatusForbidden {
		return Drilled{}, a.unexpected("the endpoint does not take this token")
	}
	d := newDrill(c, e)
	begin := time.Now()
	d.playAll(ctx, cases, e.Progress)
	d.sweep(ctx)
	d.Seconds = time.Since(begin).Seconds()
	d.OK = d.Failed == 0 && d.Stopped == "" && len(d.Left) == 0
	return d.Drilled, nil
}

// DrillNames begins every name that a drill makes up.
const DrillNames = "scimgate-drill-"

// drill is one run.
type drill struct {
	Drilled
	client *Client
	left   []made // what could not be removed yet
	tired  bool   // the endpoint asks for a longer rest than a drill waits
}

func newDrill(c *Client, e Exercise) *drill {
	if e.Prefix == "" {
		random := uuid.New()
		e.Prefix = DrillNames + hex.EncodeToString(random[:4])
	}
	return &drill{client: c, Drilled: Drilled{Prefix: e.Prefix, Rows: []Row{}}}
}

// placed is a case in its area.
type placed struct {
	area string
	drillCase
}

func (e Exercise) cases() ([]placed, error) {
	for _, name := range e.Areas {
		if !slices.Contains(Areas(), name) {
			return nil, fmt.Errorf("there is no area %q; there are %s", name, strings.Join(Areas(), ", "))
		}
	}
	var all []placed
	for _, a := range areas {
		if e.Areas != nil && !slices.Contains(e.Areas, a.name) {
			continue
		}
		for _, c := range a.cases {
			all = append(all, placed{a.name, c})
		}
	}
	return all, nil
}

func (d *drill) playAll(ctx context.Context, cases []placed, progress func(Stage)) {
	if progress == nil {
		progress = func(Stage) {}
	}
	silent := 0
	for i, c := range cases {
		progress(Stage{Row: c.name, Done: i, Of: len(cases), Failed: d.Failed})
		answered := d.play(ctx, c)
		if silent++; answered {
			silent = 0
		}
		switch {
		case ctx.Err() != nil:
			d.Stopped = "it was interrupted"
		case silent == maxSilent:
			d.Stopped = "the endpoint does not answer any more"
		case d.tired:
			d.Stopped = "the endpoint asks to be left alone for longer than a drill waits"
		}
		if d.Stopped != "" {
			return
		}
	}
	progress(Stage{Done: len(cases), Of: len(cases), Failed: d.Failed})
}

// play plays one case and cleans up behind it. It reports whether the endpoint
// answered; a row that was interrupted is none.
func (d *drill) play(ctx context.Context, c placed) (answered bool) {
	t := &trial{drill: d, ctx: ctx, number: len(d.Rows) + 1, kept: map[string]string{}, nobody: uuid.NewString()}
	err := t.run(c.steps)
	t.cleanUp(ctx)
	if ctx.Err() != nil {
		return true
	}
	row := Row{Area: c.area, Name: c.name, Source: c.source, OK: err == nil}
	if err == nil {
		d.Passed++
	} else {
		d.Failed++
		row.Reason, row.Exchanges = reasonOf(err), t.exchanges
	}
	d.Rows = append(d.Rows, row)
	var none *UnexpectedError
	return !errors.As(err, &none) || none.Status != 0
}
