// Package channeltest is the suite that every channel passes, and the intake
// in memory that its tests receive into. It knows no platform: what is special
// to one comes in through a Harness.
package channeltest
