package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/rules"
)

// tenRules are mixed operators, none of which matches a document of the bench:
// every one of them is asked about every document.
const tenRules = `[
	{"id":"1","policy":"exclude","field":"title","rule":"ends_with","value":".tmp","order":1},
	{"id":"2","policy":"exclude","field":"title","rule":"regex","value":".*/\\.git/.*","order":2},
	{"id":"3","policy":"exclude","field":"size","rule":">","value":"1000000000","order":3},
	{"id":"4","policy":"exclude","field":"text","rule":"contains","value":"confidential","order":4},
	{"id":"5","policy":"exclude","field":"author","rule":"equals","value":"Nobody","order":5},
	{"id":"6","policy":"exclude","field":"author","rule":"<","value":"2001-01-01","order":6},
	{"id":"7","policy":"exclude","field":"draft","rule":"equals","value":"maybe","order":7},
	{"id":"8","policy":"exclude","field":"owner.name","rule":"equals","value":"nobody","order":8},
	{"id":"9","policy":"exclude","field":"size","rule":"regex","value":"-[0-9]+-(alpha|beta)","order":9},
	{"id":"10","policy":"exclude","field":"id","rule":"starts_with","value":"draft-","order":10}]`

// thousandRules are all operators in turns, each rule with a value of its own.
func thousandRules() string {
	operators := []string{"equals", "starts_with", "ends_with", "contains", ">", "<", "regex"}
	values := []string{"value", "2024-05-01", "17", `.*\\.tmp$`, `[a-z]+-[0-9]{2,4}`}
	list := make([]string, 1000)
	for i := range list {
		list[i] = fmt.Sprintf(`{"id":"%d","policy":"exclude","field":"field.%d","rule":"%s","value":"%s%d","order":%d}`,
			i, i%50, operators[i%len(operators)], values[i%len(values)], i, i)
	}
	return "[" + strings.Join(list, ",") + "]"
}

func compiled(text string) (*rules.Set, error) {
	f := rules.ParseFilter([]byte(text))
	return f.Compile(rules.AllFeatures())
}

// rules measures what sync rules add to the road of a document, in turns with
// the same road without them.
func (b *bench) rules() ([]row, error) {
	n := 1_000_000 / b.scale
	var added, allocs, compile, ratio []float64
	for range b.runs {
		plain, err := b.into("engine", n)
		if err != nil {
			return nil, err
		}
		ruled, err := b.into("engine-rules", n)
		if err != nil {
			return nil, err
		}
		added, allocs = append(added, micros(ruled.CPU-plain.CPU, n)), append(allocs, ruled.Allocs-plain.Allocs)
		c, err := b.spawn("compile", "", "100")
		if err != nil {
			return nil, err
		}
		compile = append(compile, micros(c.CPU, 100)/1000)
		growth, err := b.growth()
		if err != nil {
			return nil, err
		}
		ratio = append(ratio, growth)
	}
	return []row{
		{
			what: "ten mixed rules over 500-byte documents, CPU added to the road", target: "≤ 1 µs",
			measured: fmt.Sprintf("%.2f µs", median(added)), met: median(added) <= 1,
			notes: []string{spread(added, "%.2f") + "; every rule is asked about every document"},
		},
		{
			what: "allocations per document that rules add", target: "0",
			measured: fmt.Sprintf("%.2f", median(allocs)), met: median(allocs) < 0.005,
		},
		{
			what: "1,000 rules read and compiled, CPU", target: "≤ 10 ms",
			measured: fmt.Sprintf("%.1f ms", median(compile)), met: median(compile) <= 10,
			notes: []string{spread(compile, "%.1f")},
		},
		{
			what: `regex (a+)+$ on 2 MB against 1 MB`, target: "≤ 2.5x",
			measured: fmt.Sprintf("%.2fx", median(ratio)), met: median(ratio) <= 2.5,
			notes: []string{spread(ratio, "%.2f") + "; linear is 2"},
		},
	}, nil
}

// growth is how much longer a hostile regex takes on a text twice as long.
func (b *bench) growth() (float64, error) {
	var took [2]float64
	for i, size := range []int{1 << 20, 2 << 20} {
		a, err := b.spawn("hostile", "", strconv.Itoa(size))
		if err != nil {
			return 0, err
		}
		took[i] = float64(a.CPU)
	}
	return took[1] / took[0], nil
}

func ruledEngine(url string, n int) (answer, error) {
	set, err := compiled(tenRules)
	if err != nil {
		return answer{}, err
	}
	return engine(url, n, set)
}

// compileRules reads and compiles n times.
func compileRules(n int) (answer, error) {
	text := thousandRules()
	return measured(n, func() error {
		for range n {
			if _, err := compiled(text); err != nil {
				return err
			}
		}
		return nil
	})
}

// hostile matches a text of n bytes ten times.
func hostile(n int) (answer, error) {
	set, err := compiled(`[{"id":"1","policy":"exclude","field":"body","rule":"regex","value":"(a+)+$","order":1}]`)
	if err != nil {
		return answer{}, err
	}
	doc := []byte(`"body":"` + strings.Repeat("a", n-1) + `b"`)
	return measured(n, func() error {
		for range 10 {
			if keep, _ := set.Decide("1", doc); !keep {
				return errors.New("the regex matches")
			}
		}
		return nil
	})
}
