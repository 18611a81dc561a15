package estimate

import "math"

// phi is the distribution function of the standard normal law.
func phi(z float64) float64 { return .5 * math.Erfc(-z/math.Sqrt2) }

// probit is its inverse; the ends give large finite values.
func probit(p float64) float64 {
	p = min(max(p, 1e-12), 1-1e-12)
	return math.Sqrt2 * math.Erfinv(2*p-1)
}
