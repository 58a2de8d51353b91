package console

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/traffic"
	"scimgate/tenant"
)

// The charts are drawn by the server, and can be read as tables.
func TestTrafficPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Support, Tenant: "acme"})
	b.get("/accounts/acme/traffic").reads(t, "at first", "Nothing was seen yet", "Seen by this process")
	for status, n := range map[int]int{200: 1200, 404: 5, 429: 7, 503: 2} {
		for range n {
			d.traffic.Request("acme", status)
		}
	}
	for range 50 {
		d.traffic.Delivered("acme", 200*time.Millisecond)
	}
	d.traffic.Waits("acme", 2*time.Hour)
	page := b.get("/accounts/acme/traffic")
	page.reads(t, "the charts", "<strong>1,200</strong>", "Refused (4xx) 5", `class="s-failed"`, `class="stroke s-most"`, "256 ms", ": Longest wait 2 h", `<td class="right">1,200</td>`)
	if got := strings.Count(page.text, "<svg class=\"plot\""); got != 3 || len(page.text) > 60<<10 {
		t.Errorf("%d charts, %d bytes", got, len(page.text))
	}
	if b := d.as(&person{Role: Operator}).get("/accounts/globex/traffic"); strings.Contains(b.text, "1,200") {
		t.Error("it is seen of another account")
	}
	d.Traffic = traffic.New(false, nil)
	b.get("/accounts/acme/traffic").reads(t, "who delivers nothing", "This process delivers nothing")
}

// pictured is a picture that is what it says, whoever saw it.
type pictured struct {
	*traffic.Counter
	whole, away bool
}

func (p pictured) Of(ctx context.Context, id tenant.ID) traffic.Picture {
	picture := p.Counter.Of(ctx, id)
	picture.Whole, picture.Away = p.whole, p.away
	return picture
}

// The pages say whose picture it is.
func TestWhoHasSeenIt(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Support, Tenant: "acme"})
	for _, path := range []string{"/accounts/acme/traffic", "/accounts/acme/activity?show=requests"} {
		d.Traffic = pictured{traffic.New(false, nil), true, false}
		whole := b.get(path)
		whole.reads(t, "of all", "Seen by all processes")
		d.Traffic = pictured{traffic.New(false, nil), false, true}
		b.get(path).reads(t, "of one", "Redis does not answer", "Seen by this process")
		if strings.Contains(whole.text, "This process") {
			t.Errorf("%s: of all processes it tells of one", path)
		}
	}
}

// Whatever the values, what is drawn lies within the drawing, and the marks of a
// scale do not run into each other.
func TestChartsStayWithinTheirBounds(t *testing.T) {
	coordinate := regexp.MustCompile(`NaN|Inf`)
	for _, most := range []int{0, 1, 3, 4, 5, 9, 99, 12345, 9_999_999} {
		day := make([]traffic.Hour, 24)
		for i := range day {
			day[i].Start, day[i].Seen = now().Add(time.Duration(i)*time.Hour), true
			day[i].Requests[i%traffic.Outcomes] = most
			day[i].Deliveries = i % 3
			day[i].Half, day[i].Most, day[i].Longest = time.Duration(most)*time.Second, time.Duration(most)*3*time.Second, time.Duration(i*most)*time.Second
		}
		for _, c := range []chart{requestChart(day), latencyChart(day), backlogChart(day)} {
			for _, b := range c.Bars {
				if b.X < chartLeft || b.X+b.Width > chartWidth || b.Y < chartTop-1 || b.Y+b.Height > chartTop+plotHeight+1 || b.Title == "" {
					t.Errorf("%s of %d: %+v", c.Name, most, b)
				}
			}
			for _, l := range c.Lines {
				if coordinate.MatchString(l.Path) {
					t.Errorf("%s of %d: %s", c.Name, most, l.Path)
				}
			}
			for i := 1; i < len(c.Ticks); i++ {
				if gap := c.Ticks[i-1].At - c.Ticks[i].At; gap < 14 {
					t.Errorf("%s of %d: %v", c.Name, most, c.Ticks)
				}
			}
		}
	}
}
