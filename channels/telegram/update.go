package telegram

import "encoding/json"

// The structs below are the parts of the platform's objects that we read
// (channels 1.4). Everything else stays in the raw bytes. Pointers tell "not
// there" from "empty".

type update struct {
	ID       *int64         `json:"update_id"`
	Message  *message       `json:"message"`
	Edited   *message       `json:"edited_message"`
	Callback *callbackQuery `json:"callback_query"`
	Member   *memberUpdate  `json:"my_chat_member"`
}

type user struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
	Language  string `json:"language_code"`
}

type chat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
}

type message struct {
	ID         int64  `json:"message_id"`
	Date       int64  `json:"date"`
	EditDate   int64  `json:"edit_date"`
	From       *user  `json:"from"`
	SenderChat *chat  `json:"sender_chat"`
	Chat       chat   `json:"chat"`
	TopicID    int64  `json:"message_thread_id"`
	IsTopic    bool   `json:"is_topic_message"`
	AlbumID    string `json:"media_group_id"`

	ReplyTo       *message        `json:"reply_to_message"`
	ExternalReply json.RawMessage `json:"external_reply"`
	Quote         *quote          `json:"quote"`
	Forward       *forward        `json:"forward_origin"`
	ViaBot        *user           `json:"via_bot"`

	Text            string   `json:"text"`
	Entities        []entity `json:"entities"`
	Caption         string   `json:"caption"`
	CaptionEntities []entity `json:"caption_entities"`

	Photo     []file    `json:"photo"`
	Document  *file     `json:"document"`
	Voice     *file     `json:"voice"`
	Video     *file     `json:"video"`
	Audio     *file     `json:"audio"`
	Animation *file     `json:"animation"`
	Sticker   *file     `json:"sticker"`
	VideoNote *file     `json:"video_note"`
	Location  *location `json:"location"`
	Venue     *venue    `json:"venue"`
	Contact   *contact  `json:"contact"`

	MigrateTo   int64 `json:"migrate_to_chat_id"`
	MigrateFrom int64 `json:"migrate_from_chat_id"`
}

// file is any of the objects with a file_id.
type file struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Size     int64  `json:"file_size"`
	Type     string `json:"mime_type"`
	Name     string `json:"file_name"`
	Width    int64  `json:"width"`
	Height   int64  `json:"height"`
	Emoji    string `json:"emoji"`       // of a sticker
	Animated bool   `json:"is_animated"` // of a sticker: a .tgs file
	Moving   bool   `json:"is_video"`    // of a sticker: a .webm file
}

type entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"` // in UTF-16 code units
	Length int    `json:"length"` // in UTF-16 code units
	URL    string `json:"url"`
}

type quote struct {
	Text string `json:"text"`
}

type forward struct {
	Type string `json:"type"` // user, hidden_user, chat, channel
}

type location struct {
	Lat        float64 `json:"latitude"`
	Lon        float64 `json:"longitude"`
	LivePeriod int64   `json:"live_period"`
}

type venue struct {
	Location location `json:"location"`
	Title    string   `json:"title"`
	Address  string   `json:"address"`
}

type contact struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	UserID    int64  `json:"user_id"`
}

type callbackQuery struct {
	ID       string   `json:"id"`
	From     *user    `json:"from"`
	Message  *message `json:"message"` // absent or inaccessible (date 0) for old ones
	InlineID string   `json:"inline_message_id"`
	Data     string   `json:"data"`
	Game     string   `json:"game_short_name"`
}

type memberUpdate struct {
	Chat chat   `json:"chat"`
	From *user  `json:"from"`
	Date int64  `json:"date"`
	Old  member `json:"old_chat_member"`
	New  member `json:"new_chat_member"`
}

type member struct {
	Status string `json:"status"`
}

// me is the result of getMe.
type me struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	Username string `json:"username"`
}

// webhookInfo is the result of getWebhookInfo.
type webhookInfo struct {
	URL     string `json:"url"`
	Pending int    `json:"pending_update_count"`
}
