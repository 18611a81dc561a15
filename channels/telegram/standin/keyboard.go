package standin

import (
	"encoding/json"
	"net/url"
)

// readKeyboard checks reply_markup. Inline keyboards are kept as rows of
// objects; other kinds are kept as they are.
func readKeyboard(v string) (object, *refusal) {
	if v == "" {
		return nil, nil
	}
	var k struct {
		Inline [][]struct {
			Text string  `json:"text"`
			Data *string `json:"callback_data"`
			URL  string  `json:"url"`
		} `json:"inline_keyboard"`
	}
	var whole object
	if json.Unmarshal([]byte(v), &k) != nil || json.Unmarshal([]byte(v), &whole) != nil {
		return nil, bad("object expected as reply markup")
	}
	if k.Inline == nil {
		return whole, nil
	}
	var rows [][]object
	for _, row := range k.Inline {
		var out []object
		for _, b := range row {
			o := object{"text": b.Text}
			switch {
			case b.Text == "":
				return nil, bad("can't parse inline keyboard button: Field \"text\" must be of type String")
			case b.URL != "":
				u, err := url.Parse(b.URL)
				if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "tg") {
					return nil, bad("inline keyboard button URL '" + b.URL + "' is invalid: Wrong HTTP URL")
				}
				o["url"] = b.URL
			case b.Data != nil:
				if len(*b.Data) < 1 || len(*b.Data) > 64 {
					return nil, bad("BUTTON_DATA_INVALID")
				}
				o["callback_data"] = *b.Data
			default:
				return nil, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
			}
			out = append(out, o)
		}
		rows = append(rows, out)
	}
	return object{"inline_keyboard": rows}, nil
}
