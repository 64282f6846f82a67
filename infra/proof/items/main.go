// Command items lists what the templates must say: each line of the requirements
// with the property that answers it and the mutations that turn its check red,
// then the lines that nothing answers yet. Run it by `make items`.
package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/alquimista-ai/nigredo/infra/proof"
)

func main() {
	lines := proof.Lines()
	mutations := 0
	for _, item := range proof.Items() {
		for _, id := range item.IDs {
			fmt.Printf("%-14s %s\n%15s%s\n", id, lines[id], "", item.Property)
		}
		for _, mutation := range item.Mutations {
			mutations++
			fmt.Printf("%17sred when %s\n", "", mutation.What)
		}
	}
	unbound := proof.Unbound()
	for _, id := range slices.Sorted(maps.Keys(unbound)) {
		fmt.Printf("%-14s %s\n%15snot bound: %s\n", id, lines[id], "", unbound[id])
	}
	fmt.Printf("%d lines, %d items, %d mutations, %d lines not bound\n", len(lines), len(proof.Items()), mutations, len(unbound))
}
