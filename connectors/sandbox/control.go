package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// control is the endpoint /faults: how the account is told to fail while it runs,
// and what it has seen. It answers whatever is set, to who has the account's token.
type control struct {
	accounts *accounts
	box      *Sandbox
}

// report is what a GET answers.
type report struct {
	Kinds    []FaultKind  `json:"kinds"` // what can be set
	Faults   []FaultState `json:"faults"`
	Counters Counters     `json:"counters"`
}

func (c control) mount(r gin.IRouter) {
	r.GET("/faults", c.letIn, c.show)
	r.PUT("/faults", c.letIn, c.replace)
	r.DELETE("/faults", c.letIn, c.clear)
}

func (c control) letIn(g *gin.Context) {
	sent := g.Request.Header["Authorization"]
	if len(sent) == 1 {
		if _, err := c.accounts.Authenticate(g.Request.Context(), "", sent[0]); err == nil {
			return
		}
	}
	g.Header("WWW-Authenticate", `Bearer realm="sandbox"`)
	refuse(g, http.StatusUnauthorized, errors.New("the bearer token is not the account's"))
}

func (c control) show(g *gin.Context) {
	g.JSON(http.StatusOK, report{Kinds: FaultKinds, Faults: c.box.Faults(), Counters: c.box.Counters()})
}

// replace sets all the faults of the body, or none.
func (c control) replace(g *gin.Context) {
	var asked struct {
		Faults []Fault `json:"faults"`
	}
	d := json.NewDecoder(http.MaxBytesReader(g.Writer, g.Request.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&asked); err != nil || d.Decode(&struct{}{}) != io.EOF {
		refuse(g, http.StatusBadRequest,
			errors.New(`the body must be {"faults": [{"name", "args", "share", "methods", "path", "count", "seed"}]}; args are texts`))
		return
	}
	if err := c.box.SetFaults(asked.Faults...); err != nil {
		refuse(g, http.StatusBadRequest, err)
		return
	}
	c.show(g)
}

func (c control) clear(g *gin.Context) {
	if err := c.box.SetFaults(); err != nil {
		refuse(g, http.StatusInternalServerError, err)
		return
	}
	g.Status(http.StatusNoContent)
}

// refuse tells each mistake as one text.
func refuse(g *gin.Context, status int, err error) {
	g.AbortWithStatusJSON(status, gin.H{"errors": strings.Split(err.Error(), "\n")})
}
