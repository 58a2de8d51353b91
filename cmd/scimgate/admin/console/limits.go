package console

import (
	"net/http"
	"strconv"

	"scimgate/cmd/scimgate/admin"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// classLimit is the limit of one kind of requests; none where it has none of its own.
type classLimit struct {
	Class tenant.Class
	ratelimit.Limit
}

// classLimits are the limits of an account by kind.
func classLimits(l tenant.Limits) []classLimit {
	return []classLimit{{tenant.Reading, l.Read}, {tenant.Writing, l.Write}, {tenant.Tokens, l.Token}}
}

// saveLimit sets how fast the account's identity provider may go, in all and by kind.
func (v *visit) saveLimit() error {
	rate, burst, ok := v.limit("")
	read, ok1 := v.classLimit(tenant.Reading)
	write, ok2 := v.classLimit(tenant.Writing)
	token, ok3 := v.classLimit(tenant.Tokens)
	if !ok || rate == 0 || !ok1 || !ok2 || !ok3 {
		return v.showSettings(http.StatusUnprocessableEntity, settingsData{Faults: []string{texts.of("settings.fault.limit")}})
	}
	return v.change(admin.SettingsInput{
		Limit:  &admin.LimitInput{Rate: rate, Burst: burst},
		Limits: &admin.LimitsInput{Read: read, Write: write, Token: token},
	}, "saved")
}

func (v *visit) classLimit(c tenant.Class) (*admin.ClassLimitInput, bool) {
	rate, burst, ok := v.limit(string(c) + "-")
	return &admin.ClassLimitInput{Rate: rate, Burst: burst}, ok
}

// limit reads a rate and a burst of the form; both empty are none, which is rate 0.
func (v *visit) limit(prefix string) (rate float64, burst int, ok bool) {
	if v.field(prefix+"rate") == "" && v.field(prefix+"burst") == "" {
		return 0, 0, true
	}
	rate, err := strconv.ParseFloat(v.field(prefix+"rate"), 64)
	burst = v.number(prefix+"burst", 1, 1_000_000, 0)
	return rate, burst, err == nil && rate > 0 && rate <= 1_000_000 && burst > 0
}

// savePace sets how fast a connection's account may be called.
func (v *visit) savePace() error {
	rate, burst, ok := v.limit("")
	if !ok {
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{Refused: []string{texts.of("connection.fault.pace")}})
	}
	return v.changeConnection(admin.ConnectionInput{Pace: &admin.PaceInput{Rate: rate, Burst: burst}}, "saved")
}
