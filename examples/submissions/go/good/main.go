// Adds the numbers of standard input.
package main

import "fmt"

func main() {
	sum := 0
	for number := 0; ; sum += number {
		if _, err := fmt.Scan(&number); err != nil {
			break
		}
	}
	fmt.Println(sum)
}
