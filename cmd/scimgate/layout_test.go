package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors are the packages of the house from the lowest floor to the highest. A
// package may import those below it in this list, and nothing above.
var floors = []string{
	"ratelimit",
	"tenant", "tenant/server",
	"scim/value", "scim/filter", "scim", "scim/directory", "scim/server",
	"mapping",
	"connectors", "connectors/connectortest", "connectors/appspace", "connectors/webhook", "connectors/sandbox", "connectors/delivery",
	"cmd",
}

// rooms are the folders of the top level (design, section 2).
var rooms = []string{"charts", "cmd", "connectors", "mapping", "ratelimit", "scim", "tenant"}

func TestImportsRunDownwards(t *testing.T) {
	for _, p := range packages(t) {
		floor := floorOf(p.path)
		if floor < 0 {
			t.Errorf("%s stands on no floor: add it to floors", p.path)
			continue
		}
		for _, imported := range p.imports {
			if above := floorOf(imported); above > floor {
				t.Errorf("%s imports %s, which stands above it", p.path, imported)
			}
		}
	}
}

func TestRateLimitImportsNothingOfOurs(t *testing.T) {
	for _, p := range packages(t) {
		if p.path == "ratelimit" && len(p.imports) > 0 {
			t.Errorf("ratelimit imports %v", p.imports)
		}
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	for _, p := range packages(t) {
		if p.docs != 1 {
			t.Errorf("%s has %d package comments, not one in doc.go (or main.go)", p.path, p.docs)
		}
	}
}

func TestTopLevelIsTheHouse(t *testing.T) {
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(rooms, e.Name()) {
			t.Errorf("folder %s is no room of the house", e.Name())
		}
	}
}

type pkg struct {
	path    string   // relative to the module, with slashes
	imports []string // of ours, relative to the module
	docs    int      // files with a package comment
}

// packages reads the sources through os: go list would be answered from a cache
// that does not see a new file.
func packages(t *testing.T) []*pkg {
	t.Helper()
	found := map[string]*pkg{}
	err := filepath.WalkDir(root(t), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root(t) && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || isModule(path)) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			readFile(t, found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := make([]*pkg, 0, len(found))
	for _, p := range found {
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("found only %d packages", len(all))
	}
	return all
}

// isModule reports whether a folder is a module of its own, with none of ours in it.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func readFile(t *testing.T, found map[string]*pkg, path string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Rel(root(t), filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.ToSlash(dir)
	p := found[dir]
	if p == nil {
		p = &pkg{path: dir}
		found[dir] = p
	}
	if file.Doc != nil {
		p.docs++
	}
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if ours, ok := strings.CutPrefix(name, "scimgate/"); ok {
			p.imports = append(p.imports, ours)
		}
	}
}

// floorOf returns the floor of a package, that of its nearest listed parent, or
// -1.
func floorOf(path string) int {
	for p := path; p != "."; p = filepath.ToSlash(filepath.Dir(p)) {
		if i := slices.Index(floors, p); i >= 0 {
			return i
		}
	}
	return -1
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
