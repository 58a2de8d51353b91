package tenant

import (
	"context"
	"database/sql"
)

// SaveRules implements Store.
func (s *SQLite) SaveRules(ctx context.Context, id ID, v RulesVersion) error {
	return s.insert(ctx, `INSERT INTO tenant_rules (tenant, rev, rules, author, published) VALUES (?, ?, ?, ?, ?)`,
		id, v.Rev, v.Rules, v.Author, toMillis(v.Published))
}

// RulesVersions implements Store.
func (s *SQLite) RulesVersions(ctx context.Context, id ID) ([]RulesVersion, error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT rev, rules, author, published FROM tenant_rules WHERE tenant = ? ORDER BY rev DESC`, id)
	return collect(rows, err, func(rows *sql.Rows) (v RulesVersion, err error) {
		var published int64
		err = rows.Scan(&v.Rev, &v.Rules, &v.Author, &published)
		v.Published = fromMillis(published)
		return v, err
	})
}
