package sandbox

import (
	_ "embed"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page says what the sandbox is and how it was told to fail, to a person or, if
// asked for JSON, to a program. It shows nothing of the account's users and needs
// no token.
func (s *Sandbox) page(c *gin.Context) {
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	c.Header("X-Content-Type-Options", "nosniff")
	if c.NegotiateFormat(gin.MIMEHTML, gin.MIMEJSON) == gin.MIMEJSON {
		c.JSON(http.StatusOK, gin.H{"service": "scimgate sandbox account", "scim": Prefix, "assumptions": Assumptions, "faults": s.Faults()})
		return
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	if err := pageTemplate.Execute(c.Writer, gin.H{"Assumptions": Assumptions, "Faults": s.Faults(), "Kinds": FaultKinds}); err != nil {
		_ = c.Error(err)
	}
}
