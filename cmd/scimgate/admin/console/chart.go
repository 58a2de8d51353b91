package console

import (
	"fmt"
	"math"
	"strings"
	"time"

	"scimgate/cmd/scimgate/traffic"
)

// The drawing of a chart, in units of its viewBox: what is around the area of the
// values, and that area.
const (
	chartWidth, chartHeight = 760, 250
	chartLeft, chartTop     = 96, 14
	plotWidth, plotHeight   = chartWidth - chartLeft - 12, chartHeight - chartTop - 36
	barShare                = 0.7 // of an hour's width
)

// chart is a day of an account, hour by hour, ready to be drawn and to be read as a
// table. The server makes all of it: a page has no script that draws.
type chart struct {
	Name   string   // key of texts under "traffic", and id
	Series []string // keys of texts under "traffic.series", and classes
	Sums   []string // of each series over the day; nil where they cannot be added
	Bars   []bar
	Lines  []line
	Ticks  []tick  // of the scale
	Hours  []tick  // under the plot
	Unseen float64 // width of what was before the process began
	Rows   []chartRow
	Empty  bool

	most  float64 // value that the scale must hold
	scale func(v float64) float64
	sums  []int
}

// bar is one value of an hour.
type bar struct {
	Class, Title        string
	X, Y, Width, Height float64
}

// line is a series of points; where an hour has no value the line is broken.
type line struct {
	Class, Path string
	Points      []point
}

type point struct {
	hour  int
	X, Y  float64
	Title string
}

// tick is a mark on a scale.
type tick struct {
	At   float64
	Text string
}

// chartRow is an hour of the table.
type chartRow struct {
	Hour   string
	Values []string
}

func newChart(name string, day []traffic.Hour, series ...string) chart {
	c := chart{Name: name, Series: series, Empty: true, sums: make([]int, len(series))}
	for i, h := range day {
		if !h.Seen {
			c.Unseen = c.left(i + 1)
		}
		if h.Start.Hour()%3 == 0 {
			c.Hours = append(c.Hours, tick{round(c.middle(i)), clock(h.Start)})
		}
	}
	if c.Unseen > 0 {
		c.Unseen -= chartLeft
	}
	for _, s := range series {
		c.Lines = append(c.Lines, line{Class: s})
	}
	return c
}

func clock(at time.Time) string { return at.Format("15:04") }

// left and middle are where an hour begins, and its middle.
func (c *chart) left(i int) float64   { return chartLeft + plotWidth*float64(i)/24 }
func (c *chart) middle(i int) float64 { return (c.left(i) + c.left(i+1)) / 2 }

// y is where a value stands.
func (c *chart) y(v float64) float64 { return chartTop + plotHeight*(1-c.scale(v)) }

// scaleCounts makes a scale from 0 to a round number.
func (c *chart) scaleCounts() {
	step := roundStep(max(c.most, 4) / 4)
	top := step * math.Ceil(max(c.most, 4)/step)
	c.scale = func(v float64) float64 { return v / top }
	for v := 0.0; v <= top; v += step {
		c.Ticks = append(c.Ticks, tick{round(c.y(v)), number(int(v))})
	}
}

// roundStep is the least of 1, 2, 5, 10, 20, … that is not less than v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= v {
			return n * power
		}
	}
	return 10 * power
}

// timeMarks are where a scale of time has its marks, in seconds: it is logarithmic,
// because a delivery takes a tenth of a second, and an outage hours.
var timeMarks = []float64{0.01, 0.1, 1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600}

func (c *chart) scaleTime() {
	marks := timeMarks[:4]
	for len(marks) < len(timeMarks) && marks[len(marks)-1] < c.most {
		marks = timeMarks[:len(marks)+1]
	}
	low, high := math.Log(marks[0]), math.Log(marks[len(marks)-1])
	c.scale = func(v float64) float64 {
		return min(max((math.Log(max(v, 1e-9))-low)/(high-low), 0.01), 1)
	}
	for i, v := range marks {
		at := float64(chartTop + plotHeight)
		if i > 0 {
			at = round(c.y(v))
		}
		c.Ticks = append(c.Ticks, tick{at, span(time.Duration(v * float64(time.Second)))})
	}
}

// stack puts a bar on those of its hour, and raises base by it.
func (c *chart) stack(i int, class, title string, base *float64, v float64) {
	if v <= 0 {
		return
	}
	bottom := float64(chartTop + plotHeight)
	if *base > 0 {
		bottom = c.y(*base)
	}
	*base += v
	top := c.y(*base)
	width := float64(plotWidth) / 24 * barShare
	c.Bars = append(c.Bars, bar{class, title, round(c.middle(i) - width/2), round(top), round(width), round(max(bottom-top, 1))})
}

func round(v float64) float64 { return math.Round(v*10) / 10 }

// point adds one to a line.
func (c *chart) point(i, n int, title string, v float64) {
	c.Lines[n].Points = append(c.Lines[n].Points, point{i, round(c.middle(i)), round(c.y(v)), title})
}

// join makes lines of points.
func (c *chart) join() {
	for n := range c.Lines {
		var path strings.Builder
		last := -2
		for _, p := range c.Lines[n].Points {
			command := "L"
			if p.hour != last+1 {
				command = "M"
			}
			last = p.hour
			fmt.Fprintf(&path, "%s%g %g", command, p.X, p.Y)
		}
		c.Lines[n].Path = path.String()
	}
}

// row adds an hour to the table, and returns what to say of each of its values where
// they are drawn.
func (c *chart) row(h traffic.Hour, values ...string) []string {
	r := chartRow{Hour: clock(h.Start) + "–" + clock(h.Start.Add(time.Hour)), Values: values}
	c.Rows = append(c.Rows, r)
	titles := make([]string, len(values))
	for n, v := range values {
		titles[n] = r.Hour + ": " + texts.of("traffic.series."+c.Series[n]) + " " + v
	}
	return titles
}
