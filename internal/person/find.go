package person

// FindPhones returns the telephone numbers written in a text, in E.164, each
// once, in order. It only looks at runs of digits that begin as numbers do
// ("+", "0", "3"), so that codes, dates and amounts cost and yield nothing.
func FindPhones(text, region string) []string {
	var out []string
	for i := 0; i < len(text); {
		c := text[i]
		if (c != '+' && c != '0' && c != '3') || (i > 0 && isWordByte(text[i-1])) {
			i++
			continue
		}
		end, digits := runOfDigits(text[i:])
		if digits >= 8 && digits <= 13 && (i+end == len(text) || !isWordByte(text[i+end])) {
			if tel, ok := Phone(text[i:i+end], region); ok && !contains(out, tel) {
				out = append(out, tel)
			}
		}
		i += max(end, 1)
	}
	return out
}

// runOfDigits measures a number with the separators that people put in it.
func runOfDigits(s string) (end, digits int) {
	gap := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			gap = 0
			end = i + 1
		case c == '+' && i == 0:
		case (c == ' ' || c == '.' || c == '-' || c == '/') && gap == 0:
			gap++
		default:
			return end, digits
		}
	}
	return end, digits
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '@'
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
