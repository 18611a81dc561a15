package telegram

// fieldKind says what a field of a message means to us.
type fieldKind int

const (
	fieldUnknown fieldKind = iota // also what we know of and cannot show: polls, dice, gifts
	fieldMeta                     // about the message, not content
	fieldShown                    // content that text or parts show
	fieldService                  // the platform tells something; no person wrote
)

// fieldKinds are the fields of the Message object of Bot API 10.1. A field
// that is not here is content that we do not know: it is noted, and a message
// that holds nothing else becomes Unsupported.
var fieldKinds = func() map[string]fieldKind {
	m := map[string]fieldKind{}
	for kind, names := range map[fieldKind][]string{
		fieldMeta: {
			"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat",
			"sender_boost_count", "sender_business_bot", "sender_tag", "date", "business_connection_id", "chat",
			"forward_origin", "is_topic_message", "is_automatic_forward", "reply_to_message",
			"external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id", "via_bot",
			"edit_date", "has_protected_content", "is_from_offline", "is_paid_post", "media_group_id",
			"author_signature", "paid_star_count", "entities", "link_preview_options",
			"suggested_post_info", "effect_id", "caption_entities", "show_caption_above_media",
			"has_media_spoiler", "reply_markup", "forward_from", "forward_from_chat",
			"forward_from_message_id", "forward_signature", "forward_sender_name", "forward_date",
		},
		fieldShown: {
			"text", "caption", "photo", "live_photo", "document", "voice", "video", "audio",
			"animation", "sticker", "video_note", "location", "venue", "contact",
		},
		fieldService: {
			"new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
			"delete_chat_photo", "group_chat_created", "supergroup_chat_created",
			"channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id",
			"migrate_from_chat_id", "pinned_message", "write_access_allowed",
			"proximity_alert_triggered", "boost_added", "chat_background_set",
			"forum_topic_created", "forum_topic_edited", "forum_topic_closed",
			"forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
			"video_chat_scheduled", "video_chat_started", "video_chat_ended",
			"video_chat_participants_invited", "direct_message_price_changed",
		},
	} {
		for _, name := range names {
			m[name] = kind
		}
	}
	return m
}()
