package sandbox

import (
	"net/http"
	"slices"
)

// FaultKind is one way in which the account can be told to fail.
type FaultKind struct {
	Name      string     `json:"name"`
	Does      string     `json:"does"`
	Arguments []Argument `json:"arguments,omitempty"`
	// Methods are the only ones that it can meet; none are all.
	Methods []string `json:"methods,omitempty"`
	// StandsFor is what real accounts do, or may do where we assume otherwise.
	StandsFor string `json:"standsFor"`
	// Source is what StandsFor was read from; "" is an assumption of ours.
	Source string `json:"source,omitempty"`

	open func(arguments) behaviour // nil: it meets TLS handshakes (listener.go), not requests
}

// Argument is what a kind of fault wants to know.
type Argument struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Does    string `json:"does"`

	check func(text string) error
}

// Sources of the faults, beside those of the assumptions.
const (
	rfcHTTP    = "RFC 9110"
	rfcSCIM    = "RFC 7644"
	guideEntra = "Microsoft: Develop a SCIM endpoint for user provisioning"
	modelled   = "reliability-and-security.md 3.6: outcomes that no gateway can know"
)

var (
	changing = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	delay    = Argument{"delay", "1s", "how long, at least", isDuration}
	jitter   = Argument{"jitter", "0s", "up to so much longer, at random", isDuration}
	applied  = Argument{"applied", "false", "true: the request is applied all the same", isOneOf("true", "false")}
	after    = Argument{"retryAfter", "", "any text of a Retry-After header; date:90s is the date in 90 s, date:-1h one that is past", isRetryAfter}
)

// FaultKinds are all the ways to fail. Faults that are set together stand one
// behind the other, the first outermost.
var FaultKinds = []FaultKind{
	{
		"latency", "Waits before the account gets the request. Who gives up while it waits is not served.",
		[]Argument{delay, jitter},
		nil, "An account that is slow, or far away.", "", latency,
	},
	{
		"hang", "Never answers: the request ends when the client gives up, and is not applied.",
		nil, nil, "A proxy that lost its account, a lock that is never released.", "", hang,
	},
	{
		"throttled", "429, with or without a Retry-After.",
		[]Argument{after},
		nil, "Rate limits. Appspace documents none; we assume none.", rfcHTTP + " §10.2.3", throttled,
	},
	{
		"error", "A 5xx.",
		[]Argument{{"status", "500", "500 to 599", isStatus(500, 599)}, after, applied},
		nil, "An outage, a deployment; a 502 or 504 of a proxy may follow an applied request.", rfcHTTP + " §15.6", fail,
	},
	{
		"page", "An HTML page where SCIM was asked for.",
		[]Argument{{"status", "200", "200 to 299", isStatus(200, 299)}, applied},
		nil, "A sign-in page or a maintenance notice of a proxy before the account.", "", htmlPage,
	},
	{
		"no-id", "Creates the user, and answers 201 without id and Location.",
		nil,
		[]string{http.MethodPost},
		"An account that does not answer as RFC 7644 §3.3 asks.", rfcSCIM + " §3.3", noID,
	},
	{
		"late", "Closes the connection without an answer, and applies the request afterwards.",
		[]Argument{delay, jitter},
		changing, "A request that was given up and still lands, perhaps after a newer one.", modelled, late,
	},
	{
		"reset", "Resets the connection.",
		[]Argument{{"when", "before", "before or after the request is applied", isOneOf("before", "after")}},
		nil, "A load balancer that is replaced, a crash: the outcome is unknown.", modelled, reset,
	},
	{
		"put-only", "PATCH is not supported.",
		[]Argument{{"status", "405", "405 or 501", isOneOf("405", "501")}},
		[]string{http.MethodPatch},
		"PATCH is OPTIONAL; nobody documents it for Appspace.", rfcSCIM + " §3.5.2", putOnly,
	},
	{
		"no-groups", "/Groups is 404 and missing among the resource types.",
		nil, nil, `An account whose "Enable User Group Sync" is off.`, guideSCIM, noGroups,
	},
	{
		"certificate", "Shows a certificate that does not fit to who connects with TLS (https:// works on the same port).",
		[]Argument{{"wrong", "name", "name, expired or authority", isOneOf("name", "expired", "authority")}},
		nil, "A certificate that nobody renewed, an inspecting proxy.", "", nil,
	},
	{
		"refused-token", "The token is refused.",
		[]Argument{{"status", "401", "401 or 403", isOneOf("401", "403")}},
		nil, `"Generate New Token" in the account ends the old one at once.`, guideSCIM, refusedToken,
	},
	{
		"string-booleans", `Answers "True" and "False" where true and false belong.`,
		nil, nil, "Entra itself writes booleans so, and accounts that echo it do.", guideEntra, stringBooleans,
	},
	{
		"flat-manager", "Answers the manager as a bare id.",
		nil, nil, "We assume that manager is kept as it was sent.", "", flatManager,
	},
	{
		"hidden-attribute", "Does not show an attribute.",
		[]Argument{{"attribute", "title", "the attribute, or the URN of an extension", isGiven}},
		nil, "Which attributes an account keeps is documented nowhere; we assume all.", "", hiddenAttribute,
	},
	{
		"no-content", "PUT and PATCH are answered 204 without the user.",
		nil,
		[]string{http.MethodPut, http.MethodPatch},
		"A server may choose; we assume 200 with the user.", rfcSCIM + " §3.5.2", noContent,
	},
	{
		"delete-suspends", "DELETE suspends the user, who stays and keeps the name.",
		nil,
		[]string{http.MethodDelete},
		"Leaving is documented as suspension; we assume that DELETE removes.", guideIntro, deleteSuspends,
	},
	{
		"unfiltered", "Look-ups ignore their filter and answer everybody.",
		nil,
		[]string{http.MethodGet},
		"Appspace's REST API ignores ?email= silently; we assume that SCIM does not.", "", unfiltered,
	},
	{
		"lookup-404", "A look-up that finds nobody is answered 404.",
		nil,
		[]string{http.MethodGet},
		"Against the guide, which has 200 and an empty list: a common mistake of SCIM servers.", guideEntra, lookup404,
	},
	{
		"bare-errors", "Errors come as plain text, without a scimType.",
		nil, nil, "Appspace's error format is documented nowhere; we assume that of RFC 7644.", "", bareErrors,
	},
	{
		"duplicate", "A second user of one name is refused with another status than 409.",
		[]Argument{{"status", "500", "400 to 599", isStatus(400, 599)}},
		[]string{http.MethodPost, http.MethodPut, http.MethodPatch},
		"We assume 409 uniqueness; 500 is a common mistake of SCIM servers.", "", duplicate,
	},
}

func kindNamed(name string) (FaultKind, bool) {
	i := slices.IndexFunc(FaultKinds, func(k FaultKind) bool { return k.Name == name })
	if i < 0 {
		return FaultKind{}, false
	}
	return FaultKinds[i], true
}
