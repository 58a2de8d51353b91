package value

import (
	"math/big"
	"testing"
)

func TestCompareNumbers(t *testing.T) {
	ascending := []string{
		"-1e999999999999999999999", "-1e400", "-9007199254740993", "-9007199254740992", "-10", "-9.5", "-0.001",
		"0", "1e-400", "0.00099", "0.001", "0.0011", "1", "1.0000000000000000000001", "2", "701", "701.5",
		"9007199254740992", "9007199254740993", "1e400", "1.5e400", "1e999999999999999999999",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			if got, ok := CompareNumbers(a, b); !ok || got != sign(i-j) {
				t.Errorf("CompareNumbers(%s, %s) = %d, %v", a, b, got, ok)
			}
		}
	}
}

func TestEqualNumbers(t *testing.T) {
	for _, same := range [][]string{
		{"0", "-0", "0.0", "0e5", "-0.00e-7"},
		{"701", "701.0", "7.01e2", "70100e-2", "0.701E+3", "7.010e02", "0701", "000701.00"},
		{"-0.05", "-5e-2", "-0.0500", "-00.05"},
	} {
		for _, a := range same {
			for _, b := range same {
				if got, ok := CompareNumbers(a, b); !ok || got != 0 {
					t.Errorf("CompareNumbers(%s, %s) = %d, %v", a, b, got, ok)
				}
			}
		}
	}
}

func TestCompareNoNumbers(t *testing.T) {
	for _, s := range []string{"", "-", "--1", "00-1", "+1", "x", "1x", " 1", "0x1", "1e", "NaN"} {
		if _, ok := CompareNumbers(s, "1"); ok {
			t.Errorf("%q is compared as a number", s)
		}
	}
}

func TestIsNumber(t *testing.T) {
	for s, want := range map[string]bool{
		"701": true, "-0": true, "1e400": true, "0.5": true,
		"": false, " 1": false, "1 ": false, "0701": false, "+1": false, "NaN": false, "1e": false, "0x1": false, "1,5": false,
	} {
		if got := IsNumber(s); got != want {
			t.Errorf("IsNumber(%q) = %v", s, got)
		}
	}
}

// Against exact arithmetic, for numbers small enough to write out.
func FuzzCompareNumbers(f *testing.F) {
	f.Add("1.5e3", "-0.01")
	f.Add("10", "1e1")
	f.Fuzz(func(t *testing.T, a, b string) {
		got, ok := CompareNumbers(a, b)
		back, _ := CompareNumbers(b, a)
		if (!ok && IsNumber(a) && IsNumber(b)) || got != -back {
			t.Fatalf("CompareNumbers(%q, %q) = %d, %v; reversed %d", a, b, got, ok, back)
		}
		if !ok || len(a) > 7 || len(b) > 7 { // longer exponents would fill the memory of big.Rat
			return
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if x != nil && y != nil && got != x.Cmp(y) {
			t.Fatalf("CompareNumbers(%q, %q) = %d, want %d", a, b, got, x.Cmp(y))
		}
	})
}
