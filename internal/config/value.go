package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
)

// given is a value as somebody wrote it: typed in the file, or text from the
// environment or from the file of a secret.
type given struct {
	raw    any // string, int64, float64, bool, []any, map, time
	isText bool
	place  Place
}

// wrong is what a value is refused with. It never repeats the value.
type wrong struct{ what, remedy string }

// read turns a value into string, int64, bool, time.Duration or []string.
func (g given) read(kind channels.FieldType) (any, *wrong) {
	text, isString := g.raw.(string)
	switch kind {
	case channels.Number:
		if n, ok := g.raw.(int64); ok {
			return n, nil
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); g.isText && err == nil {
			return n, nil
		}
		return nil, g.refuse("is not a whole number", "Write digits only, without quotes")
	case channels.Bool:
		if b, ok := g.raw.(bool); ok {
			return b, nil
		}
		if b, err := strconv.ParseBool(strings.TrimSpace(text)); g.isText && err == nil {
			return b, nil
		}
		return nil, g.refuse("is neither true nor false", "Write true or false, without quotes")
	case channels.Duration:
		if d, err := time.ParseDuration(strings.TrimSpace(text)); isString && err == nil {
			return d, nil
		}
		return nil, g.refuse("is not a length of time", `Write a number and a unit, such as "90s", "15m" or "24h"`)
	case channels.List:
		return g.list()
	}
	if isString {
		return text, nil
	}
	return nil, g.refuse("is not text", "Put the value in quotes")
}

// list reads an array of texts, or comma-separated text.
func (g given) list() (any, *wrong) {
	var parts []string
	if text, ok := g.raw.(string); ok && g.isText {
		parts = strings.Split(text, ",")
	} else if array, ok := g.raw.([]any); ok {
		for _, entry := range array {
			text, ok := entry.(string)
			if !ok {
				return nil, &wrong{"holds something that is not text", `Write every entry in quotes: ["a", "b"]`}
			}
			if strings.Contains(text, ",") {
				return nil, &wrong{"holds an entry with a comma in it", `Write every entry by itself: ["a", "b"]`}
			}
			parts = append(parts, text)
		}
	} else {
		return nil, &wrong{"is not a list", `Write entries in quotes between brackets: ["a", "b"]`}
	}
	list := []string{}
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list, nil
}

// refuse fits the remedy to where the value was written.
func (g given) refuse(what, remedy string) *wrong {
	if g.isText {
		remedy, _, _ = strings.Cut(remedy, ", without quotes")
		remedy = strings.ReplaceAll(remedy, `"`, "")
	}
	return &wrong{what, remedy}
}

// show writes a value as a channel's setting keeps it.
func show(v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(v)
}
