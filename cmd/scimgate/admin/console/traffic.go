package console

import (
	"net/http"
	"time"

	"scimgate/cmd/scimgate/traffic"
)

// trafficData is the page of what was seen of an account within a day.
type trafficData struct {
	traffic.Picture
	Charts []chart
}

func (v *visit) traffic() error {
	data := trafficData{Picture: v.Traffic.Of(v.r.Context(), v.tenant.ID).After(v.tenant.Created)}
	data.Charts = append(data.Charts, requestChart(data.Day))
	if data.Delivers || data.Whole {
		data.Charts = append(data.Charts, latencyChart(data.Day), backlogChart(data.Day))
	}
	return v.render(http.StatusOK, "traffic", data)
}

// outcomeSeries are the series of requests, in the order of traffic.Outcome: their
// names are texts under "traffic.series", and classes of the style sheet.
var outcomeSeries = []string{"answered", "refused", "limited", "failed"}

func requestChart(day []traffic.Hour) chart {
	c := newChart("requests", day, outcomeSeries...)
	for _, h := range day {
		c.most = max(c.most, float64(h.All()))
	}
	c.scaleCounts()
	for i, h := range day {
		values := make([]string, traffic.Outcomes)
		for o, n := range h.Requests {
			values[o] = number(n)
			c.sums[o] += n
		}
		titles, base := c.row(h, values...), 0.0
		for o, n := range h.Requests {
			c.stack(i, outcomeSeries[o], titles[o], &base, float64(n))
		}
	}
	for _, n := range c.sums {
		c.Sums = append(c.Sums, number(n))
		c.Empty = c.Empty && n == 0
	}
	return c
}

func latencyChart(day []traffic.Hour) chart {
	c := newChart("latency", day, "half", "most")
	for _, h := range day {
		c.most = max(c.most, h.Most.Seconds())
	}
	c.scaleTime()
	for i, h := range day {
		titles := c.row(h, span(h.Half), span(h.Most))
		if h.Deliveries > 0 {
			c.point(i, 0, titles[0], h.Half.Seconds())
			c.point(i, 1, titles[1], h.Most.Seconds())
			c.Empty = false
		}
	}
	c.join()
	return c
}

func backlogChart(day []traffic.Hour) chart {
	c := newChart("backlog", day, "longest")
	for _, h := range day {
		c.most = max(c.most, h.Longest.Seconds())
	}
	c.scaleTime()
	for i, h := range day {
		titles, base := c.row(h, span(h.Longest)), 0.0
		c.stack(i, "longest", titles[0], &base, h.Longest.Seconds())
		c.Empty = c.Empty && h.Longest == 0
	}
	return c
}

// span is a duration for people, to two digits; "" for none.
func span(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Second:
		return texts.of("traffic.ms", max(int(d.Milliseconds()), 1))
	case d < time.Minute:
		return texts.of("traffic.s", d.Seconds())
	case d < time.Hour:
		return texts.of("traffic.min", d.Minutes())
	default:
		return texts.of("traffic.h", d.Hours())
	}
}
