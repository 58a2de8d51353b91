package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scimgate/cmd/scimgate/telemetry"
)

var update = flag.Bool("update", false, "write the chart's dashboard anew from the table of metrics")

func chartFile(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(root(t), "charts", "scimgate", "files", name)
}

// TestTheDashboardShowsEveryMetric holds the chart's dashboard to what the table of
// metrics makes of it. After a change of the table: go test ./cmd/scimgate -run
// Dashboard -update.
func TestTheDashboardShowsEveryMetric(t *testing.T) {
	want := dashboard()
	if *update {
		if err := os.WriteFile(chartFile(t, "dashboard.json"), want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(chartFile(t, "dashboard.json"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the dashboard is not that of the table; write it with -update (%v)", err)
	}
}

// TestAlertsNameWhatIsMeasured looks up every metric and label of the alert rules.
func TestAlertsNameWhatIsMeasured(t *testing.T) {
	text, err := os.ReadFile(chartFile(t, "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	known := series()
	uses := regexp.MustCompile(`(scimgate_\w+)(?:\{(\w+)=)?`).FindAllStringSubmatch(string(text), -1)
	if len(uses) < 10 {
		t.Fatalf("found only %d uses", len(uses))
	}
	for _, use := range uses {
		labels, there := known[use[1]]
		if !there {
			t.Errorf("nothing measures %s", use[1])
		}
		if there && use[2] != "" && !slices.Contains(labels, use[2]) {
			t.Errorf("%s has no label %s", use[1], use[2])
		}
	}
}

// series are the labels of everything that /metrics shows of the table, by name.
func series() map[string][]string {
	all := map[string][]string{}
	for _, m := range telemetry.Metrics {
		if m.Kind != telemetry.Histogram {
			all[m.Prometheus()] = m.Labels
			continue
		}
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			all[m.Prometheus()+part] = m.Labels
		}
	}
	return all
}

// object is a piece of Grafana's JSON, whose keys are sorted when it is written.
type object = map[string]any

// releaseLabel tells releases of one Prometheus apart: the chart's ServiceMonitor puts
// it on all that it reads, beside the namespace.
const releaseLabel = "app_kubernetes_io_instance"

// choice lets the person who looks choose among what Prometheus knows, at first all.
func choice(name, label, query string) object {
	return object{
		"name": name, "type": "query", "label": label, "query": query, "definition": query,
		"datasource": object{"type": "prometheus", "uid": "${source}"}, "refresh": 2, "sort": 1,
		"multi": true, "includeAll": true, "allValue": ".*", "current": object{"text": "All", "value": "$__all"},
	}
}

// dashboard makes a row for each area of the table and a panel for each metric.
func dashboard() []byte {
	var panels []object
	area, y, x := "", 0, 0
	place := func(h, w int) object {
		if x+w > 24 {
			x, y = 0, y+8
		}
		at := object{"h": h, "w": w, "x": x, "y": y}
		x += w
		return at
	}
	for _, m := range telemetry.Metrics {
		if of := strings.Split(m.Name, ".")[1]; of != area {
			if area != "" {
				y += 8
			}
			area, x = of, 0
			panels = append(panels, object{"type": "row", "title": of, "collapsed": false, "gridPos": object{"h": 1, "w": 24, "x": 0, "y": y}})
			y++
		}
		panels = append(panels, panel(m, place(8, 8)))
	}
	text, _ := json.MarshalIndent(object{
		"uid": "scimgate", "title": "scimgate", "tags": []string{"scimgate"}, "timezone": "browser", "schemaVersion": 39,
		"editable": true, "refresh": "30s", "time": object{"from": "now-3h", "to": "now"},
		"templating": object{"list": []object{
			{"name": "source", "type": "datasource", "query": "prometheus", "label": "Data source"},
			choice("namespace", "Namespace", "label_values(scimgate_build_info, namespace)"),
			choice("release", "Release", "label_values(scimgate_build_info{namespace=~\"$namespace\"}, "+releaseLabel+")"),
		}},
		"panels": panels,
	}, "", " ")
	return append(text, '\n')
}

func panel(m telemetry.Metric, at object) object {
	var targets []object
	for i, q := range queries(m) {
		targets = append(targets, object{"expr": q.expr, "legendFormat": q.legend, "refId": string(rune('A' + i))})
	}
	return object{
		"type": "timeseries", "title": m.Help, "description": m.Name, "gridPos": at, "targets": targets,
		"datasource":  object{"type": "prometheus", "uid": "${source}"},
		"fieldConfig": object{"defaults": object{"unit": unit(m), "min": 0}, "overrides": []object{}},
	}
}

func unit(m telemetry.Metric) string {
	switch {
	case m.Unit == "s", m.Unit == "By":
		return map[string]string{"s": "s", "By": "bytes"}[m.Unit]
	case m.Kind == telemetry.Counter:
		return "cps"
	default:
		return "short"
	}
}

type asked struct{ expr, legend string }

// queries ask of a histogram how long half, and all but a hundredth, take; of a
// counter how fast it rises; of a gauge the highest, because processes that see
// the same thing all tell it.
func queries(m telemetry.Metric) []asked {
	name, by, legend := m.Prometheus(), strings.Join(m.Labels, ", "), ""
	for _, l := range m.Labels {
		legend += "{{" + l + "}} "
	}
	legend = strings.TrimSpace(legend)
	const chosen = `{namespace=~"$namespace",` + releaseLabel + `=~"$release"}`
	switch m.Kind {
	case telemetry.Histogram:
		quantile := func(q string) string {
			return "histogram_quantile(" + q + ", sum by (le) (rate(" + name + "_bucket" + chosen + "[$__rate_interval])))"
		}
		return []asked{{quantile("0.5"), "p50"}, {quantile("0.99"), "p99"}}
	case telemetry.Counter:
		return []asked{{"sum by (" + by + ") (rate(" + name + chosen + "[$__rate_interval]))", legend}}
	default:
		return []asked{{"max by (" + by + ") (" + name + chosen + ")", legend}}
	}
}
