package page

// Channel is the kind of a channel as shown: sign and word.
type Channel string

// The kinds of channel that have a sign of their own. Another one is shown
// with a general sign and its kind as the word.
const (
	ChannelMail     Channel = "mail"
	ChannelPEC      Channel = "pec"
	ChannelTelegram Channel = "telegram"
	ChannelCounter  Channel = "counter"
	ChannelPhone    Channel = "phone"
	ChannelSMS      Channel = "sms"
	ChannelWeb      Channel = "web"
	ChannelAPI      Channel = "api"
)

// AllChannels is every kind with a sign of its own.
var AllChannels = []Channel{ChannelMail, ChannelPEC, ChannelTelegram, ChannelCounter, ChannelPhone, ChannelSMS, ChannelWeb, ChannelAPI}

// channelIcons are the signs; pec has letters instead.
var channelIcons = map[Channel]string{
	ChannelMail: "mail", ChannelTelegram: "telegram", ChannelCounter: "pa", ChannelPhone: "telephone",
	ChannelSMS: "comment", ChannelWeb: "file", ChannelAPI: "code-circle",
}

// Icon is the sign's name in the sprite; empty for letters.
func (c Channel) Icon() string {
	if c == ChannelPEC {
		return ""
	}
	if i, ok := channelIcons[c]; ok {
		return i
	}
	return "inbox"
}

// Class is the sign's colour class.
func (c Channel) Class() string {
	switch c {
	case ChannelPEC:
		return "chan-pec"
	case ChannelTelegram:
		return "chan-tg"
	case ChannelCounter:
		return "chan-visit"
	}
	return ""
}
