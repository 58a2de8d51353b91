package admin

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// MountProbes serves /healthz (alive) and /readyz (the stores answer) to
// everybody. Mount does so too; a process that only delivers has nothing else.
func (s *Service) MountProbes(r gin.IRouter) {
	r.GET("/healthz", func(g *gin.Context) { g.String(http.StatusOK, "ok\n") })
	r.GET("/readyz", s.readyz)
}
