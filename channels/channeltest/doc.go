// Package channeltest is the suite that every channel passes, and the intake
// in memory that its tests receive into. It knows no platform: what is special
// to one comes in through a Sender or a Receiver, made anew for each test.
//
//	func TestConformance(t *testing.T) {
//		channeltest.RunSender(t, func(t *testing.T) *channeltest.Sender { ... })
//		channeltest.RunReceiver(t, func(t *testing.T) *channeltest.Receiver { ... })
//	}
//
// Tests of a channel's own wait for events with the Await methods of Intake;
// a fuzz target of its parser calls CheckParse.
package channeltest
