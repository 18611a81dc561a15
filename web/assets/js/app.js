// Filo Diretto, staff pages.
