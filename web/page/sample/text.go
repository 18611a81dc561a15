package sample

import "filodiretto/web/page"

// noticeTopics are the notices as their page lists them.
func noticeTopics() []page.NoticeTopic {
	both := []page.NoticeText{{Slot: "all", Lang: page.Italian}, {Slot: "all", Lang: page.English}}
	more := []page.NoticeText{{Slot: "telegram", Channel: page.ChannelTelegram, Lang: page.Italian}}
	return []page.NoticeTopic{
		{Key: "case", Notices: []page.NoticeLine{
			{Event: "receipt", Name: "Conferma automatica: il messaggio è arrivato e la pratica è aperta.", Texts: []page.NoticeText{
				{Slot: "all", Lang: page.Italian, Own: true, Changed: At(3, 9, 0), By: "Giulia Moretti"}, {Slot: "all", Lang: page.English}, {Slot: "sms", Channel: page.ChannelSMS, Lang: page.Italian, Own: true, Broken: true},
			}, New: more},
			{Event: "case_closed", Name: "La pratica è chiusa, con l’esito.", Texts: both, New: more},
		}},
		{Key: "contact", Notices: []page.NoticeLine{{Event: "start", Name: "Saluto a chi apre la chat per la prima volta (/start).", Texts: both}}},
		{Key: "ticket", Notices: []page.NoticeLine{{Event: "ticket_called", Name: "Il numero è chiamato a uno sportello.", Texts: both, New: more}}},
		{Key: "appointment", Notices: []page.NoticeLine{{Event: "appointment_reminder", Name: "Promemoria di un appuntamento, con conferma e disdetta.", Texts: both, New: more}}},
	}
}
