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

// page says what the sandbox is, to a person or, if asked for JSON, to a program.
// It shows nothing of the account's users and needs no token.
func page(c *gin.Context) {
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	c.Header("X-Content-Type-Options", "nosniff")
	if c.NegotiateFormat(gin.MIMEHTML, gin.MIMEJSON) == gin.MIMEJSON {
		c.JSON(http.StatusOK, gin.H{"service": "scimgate sandbox account", "scim": Prefix, "assumptions": Assumptions})
		return
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	if err := pageTemplate.Execute(c.Writer, Assumptions); err != nil {
		_ = c.Error(err)
	}
}
