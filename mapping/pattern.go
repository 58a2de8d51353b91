package mapping

import (
	"math"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// The bounds of one pattern, and of all patterns in one run. Time goes with the
// pattern's size, the length of the text and the number of matches, so the steps
// are their product. A step takes up to 40 ns.
const (
	maxPattern      = 1_000 // characters
	maxScripts      = 50    // classes like \p{L}, each of them hundreds of ranges
	maxInstructions = 1_000
	maxSteps        = 250_000
)

// pattern is a regular expression with the number of its instructions.
type pattern struct {
	*regexp.Regexp
	size    int
	numbers []int // the group that .NET gives each number
}

// pattern compiles the regular expression of a Replace; nil after a fault.
func (b *binder) pattern(c *call) *pattern {
	text, ok := b.literal(c, replacePattern, "regexPattern")
	if !ok {
		return nil
	}
	if utf8.RuneCountInString(text) > maxPattern {
		b.fault(c.args[replacePattern], "the regular expression is longer than 1,000 characters", "ask for less")
		return nil
	}
	parsed, err := parsePattern(text)
	if err != nil {
		b.fault(c.args[replacePattern], "the regular expression cannot be read: "+reasonOf(err),
			"look-around and back-references are not supported; a group is named as in (?<name>…)")
		return nil
	}
	if instructions(parsed) > maxInstructions {
		b.fault(c.args[replacePattern], "the regular expression is too large", "count less, or ask for less")
		return nil
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		b.fault(c.args[replacePattern], "the regular expression cannot be read: "+reasonOf(err), "")
		return nil
	}
	return &pattern{Regexp: compiled, size: programSize(parsed), numbers: dotNetNumbers(compiled)}
}

func parsePattern(text string) (*syntax.Regexp, error) {
	if strings.Count(text, `\p`)+strings.Count(text, `\P`) > maxScripts {
		return nil, &syntax.Error{Code: "more than 50 classes of Unicode", Expr: `\p`}
	}
	if foldsWidely(text) {
		return nil, &syntax.Error{Code: "a range this wide in any case", Expr: "(?i)"}
	}
	return syntax.Parse(text, syntax.Perl)
}

var foldFlag = regexp.MustCompile(`\(\?[a-zA-Z-]*i`)

// foldsWidely reports whether text asks for wide ranges in any case: the package
// regexp goes through each of their characters, which takes milliseconds.
func foldsWidely(text string) bool {
	if !foldFlag.MatchString(text) {
		return false
	}
	exact, err := syntax.Parse(foldFlag.ReplaceAllString(text, "(?s"), syntax.Perl)
	return err == nil && spread(exact) > 10_000
}

// spread is how many characters the classes in re hold.
func spread(re *syntax.Regexp) int {
	n := 0
	if re.Op == syntax.OpCharClass {
		for i := 0; i+1 < len(re.Rune); i += 2 {
			n += int(re.Rune[i+1]-re.Rune[i]) + 1
		}
	}
	for _, sub := range re.Sub {
		n += spread(sub)
	}
	return n
}

// instructions bounds from above how many instructions re becomes, without making
// them: a pattern of a few characters can become millions.
func instructions(re *syntax.Regexp) int {
	n := 2 + len(re.Rune)/32
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune) + 1
	}
	for _, sub := range re.Sub {
		n = min(n+instructions(sub), maxInstructions+1)
	}
	if re.Op == syntax.OpRepeat {
		n = min(n*max(re.Max, re.Min+1, 1), maxInstructions+1)
	}
	return n
}

// programSize is how many instructions re becomes.
func programSize(re *syntax.Regexp) int {
	program, err := syntax.Compile(re.Simplify())
	if err != nil {
		return maxInstructions
	}
	return len(program.Inst)
}

// reasonOf says in words what the package regexp found.
func reasonOf(err error) string {
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// dotNetNumbers numbers the groups as .NET does: those without a name first.
func dotNetNumbers(r *regexp.Regexp) []int {
	numbers := []int{0}
	for named := range 2 {
		for i, name := range r.SubexpNames()[1:] {
			if (name != "") == (named == 1) {
				numbers = append(numbers, i+1)
			}
		}
	}
	return numbers
}

// matches finds all matches in text. It finds none, and the run has failed, if
// that takes too long.
func (p *pattern) matches(e *evaluation, text string) (found [][]int) {
	left := (maxSteps - e.steps) / p.size
	most := searches(left, len(text)+1)
	if most > 0 {
		found = p.FindAllStringSubmatchIndex(text, most)
	}
	e.steps += p.size * (len(text) + 1) // the search that finds nothing more
	for _, match := range found {
		e.steps += p.size * (len(text) - match[1] + 1)
	}
	if most < 1 || len(found) == most && most <= len(text) {
		e.fail(tooManySteps)
		return nil
	}
	return found
}

const tooManySteps = "the pattern of Replace takes too many steps over this value"

// first finds the first match in text, nil if there is none.
func (p *pattern) first(e *evaluation, text string) []int {
	if e.steps += p.size * (len(text) + 1); e.steps > maxSteps {
		e.fail(tooManySteps)
		return nil
	}
	return p.FindStringSubmatchIndex(text)
}

// searches is how many times a text of that length can be searched within so many
// steps, if each search begins a character later and goes on to the end: the
// largest n with n×length − n²/2 ≤ steps.
func searches(steps, length int) int {
	if steps < length {
		return 0
	}
	rest := length*length - 2*steps
	if rest <= 0 {
		return length + 1
	}
	return max(1, length-int(math.Sqrt(float64(rest))))
}
