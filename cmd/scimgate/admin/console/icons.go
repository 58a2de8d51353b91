package console

import "html/template"

// icons are drawn on a grid of 24, by strokes. They stand beside words and say
// nothing by themselves.
var icons = map[string]string{
	"cloud":     `<path d="M7 18.500a4.200 4.200 0 0 1-.6-8.350 5.800 5.800 0 0 1 11.200-.6A4.500 4.500 0 0 1 17.200 18.500z"/>`,
	"logo":      `<path d="M4 7.5 12 3l8 4.5v9L12 21l-8-4.5z"/><path d="M8 10.2h8M8 13.8h8"/>`,
	"ok":        `<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
	"warn":      `<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17.2v.1"/>`,
	"bad":       `<circle cx="12" cy="12" r="8.5"/><path d="m9 9 6 6M15 9l-6 6"/>`,
	"info":      `<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.1"/>`,
	"off":       `<circle cx="12" cy="12" r="8.5"/><path d="M8 12h8"/>`,
	"busy":      `<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`,
	"paused":    `<path d="M9 6v12M15 6v12"/>`,
	"copy":      `<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M15.5 8.5v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2"/>`,
	"light":     `<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4"/>`,
	"dark":      `<path d="M20 14.5A8.3 8.3 0 0 1 9.5 4a8.3 8.3 0 1 0 10.5 10.5z"/>`,
	"auto":      `<rect x="3.5" y="5" width="17" height="11.5" rx="2"/><path d="M9 20h6"/>`,
	"next":      `<path d="m9 6 6 6-6 6"/>`,
	"back":      `<path d="m15 6-6 6 6 6"/>`,
	"search":    `<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`,
	"out":       `<path d="M10 4.5H6.5a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2H10M14.5 8l4 4-4 4M18 12H9.5"/>`,
	"replay":    `<path d="M4.5 12a7.5 7.5 0 1 0 2.4-5.5L4.5 8.8"/><path d="M4.5 4.5v4.3h4.3"/>`,
	"key":       `<circle cx="8" cy="14.5" r="4"/><path d="m11 11.7 8-7.7M15.5 7.3l2.5 2.6"/>`,
	"plus":      `<path d="M12 5v14M5 12h14"/>`,
	"accounts":  `<rect x="4" y="4" width="7" height="7" rx="1.5"/><rect x="13" y="4" width="7" height="7" rx="1.5"/><rect x="4" y="13" width="7" height="7" rx="1.5"/><rect x="13" y="13" width="7" height="7" rx="1.5"/>`,
	"settings":  `<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
	"mapping":   `<path d="M4 7h6c4 0 4 10 8 10h2M4 17h6c1.6 0 2.6-1.6 3.4-3.4M16 8.2c.6-.8 1.2-1.2 2-1.200h2"/>`,
	"users":     `<circle cx="12" cy="8" r="3.7"/><path d="M4.8 19.500c.8-3.8 3.6-5.7 7.2-5.700s6.4 1.9 7.2 5.7"/>`,
	"groups":    `<circle cx="9" cy="9" r="3.2"/><path d="M2.8 19c.6-3.4 3-5 6.2-5s5.6 1.6 6.2 5M15.5 6.100a3.2 3.2 0 0 1 0 5.900M17.5 14.400c2 .7 3.3 2.2 3.7 4.6"/>`,
	"delivery":  `<path d="M3.5 12h12M11 7l5 5-5 5M20 5v14"/>`,
	"bars":      `<path d="M4 20h16M7 16v-5M12 16V5M17 16V9"/>`,
	"ledger":    `<path d="M6.5 3.500h11v17h-11z"/><path d="M9.5 8h5M9.5 12h5M9.5 16h3"/>`,
	"plug":      `<path d="M9 4v5M15 4v5M6.5 9h11v2.500a5.5 5.5 0 0 1-11 0zM12 17v3.5"/>`,
	"access":    `<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1-1"/>`,
	"code":      `<path d="m9 7-5 5 5 5M15 7l5 5-5 5"/>`,
	"pen":       `<path d="M4.500 19.500l1-4 10-10 3 3-10 10zM13.500 7.500l3 3M12 19.500h7.500"/>`,
	"scales":    `<path d="M12 4v16M7 20h10M5 7h14M5 7l-2.500 6.500a2.800 2.800 0 0 0 5 0zM19 7l-2.500 6.500a2.800 2.800 0 0 0 5 0z"/>`,
	"empty":     `<path d="M4 13 7 5h10l3 8v6H4z"/><path d="M4 13h5a3 3 0 0 0 6 0h5"/>`,
	"unplugged": `<path d="M9 4v4M15 4v4M6.5 8h11v2.500a5.5 5.5 0 0 1-4 5.300M9 15.200a5.5 5.5 0 0 1-2.5-4.700M12 17v3.500M4 4l16 16"/>`,
}

// icon draws one for a template.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + icons[name] + `</svg>`) //nolint:gosec // our own drawings
}

// sectionIcons are those of the account's sections.
var sectionIcons = map[string]string{
	"settings": "settings", "credentials": "key", "azure": "cloud", "mapping": "mapping", "users": "users", "groups": "groups",
	"deliveries": "delivery", "ledger": "ledger", "activity": "busy", "traffic": "bars", "connection": "plug", "drift": "scales", "access": "access", "keys": "code", "changes": "pen",
}

// mark is how a state looks: its colour (a class) and its icon.
type mark struct{ Class, Icon string }

// marks are the looks of all states that pages show. Colour never stands alone.
var marks = map[string]mark{
	"well": {"good", "ok"}, "clean": {"good", "ok"}, "valid": {"good", "ok"}, "on": {"good", "ok"}, "active": {"good", "ok"},
	"busy": {"calm", "busy"}, "due": {"calm", "busy"}, "draft": {"calm", "info"}, "declared": {"calm", "info"},
	"attention": {"care", "warn"}, "retrying": {"care", "warn"}, "expiring": {"care", "warn"}, "unconnected": {"care", "unplugged"},
	"todo": {"care", "warn"}, "parked": {"poor", "bad"}, "expired": {"poor", "bad"}, "failed": {"poor", "bad"},
	"done": {"good", "ok"}, "stored": {"good", "ok"}, "part": {"calm", "busy"}, "retry": {"care", "warn"}, "held": {"care", "paused"}, "resent": {"care", "replay"},
	"refused": {"poor", "bad"}, "unchanged": {"rest", "off"},
	"set": {"good", "ok"}, "default": {"calm", "info"}, "empty": {"care", "warn"}, "kept": {"rest", "off"}, "noRule": {"rest", "off"},
	"shadow": {"calm", "off"}, "closed": {"good", "ok"}, "open": {"care", "paused"}, "half-open": {"calm", "busy"},
	"plan-create": {"good", "plus"}, "plan-update": {"calm", "replay"}, "plan-suspend": {"care", "paused"}, "plan-delete": {"poor", "bad"}, "plan-nothing": {"rest", "off"},
	"audit-running": {"calm", "busy"}, "audit-done": {"good", "ok"}, "audit-failed": {"poor", "bad"},
	"change-done": {"good", "ok"}, "change-refused": {"rest", "off"}, "change-failed": {"poor", "bad"}, "change-unknown": {"care", "warn"},
	"added": {"good", "plus"}, "removed": {"poor", "off"}, "changed": {"calm", "info"},
	"off": {"rest", "off"}, "paused": {"rest", "paused"}, "inactive": {"rest", "off"}, "deleted": {"rest", "off"}, "none": {"rest", "off"},
}
