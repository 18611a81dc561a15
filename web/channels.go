package web

// Written by a colleague at the same time as people, reception, quarantine and public pages: see git log.

func (s *Server) channelRoutes() {
}
