package main

// about opens the help of the program.
const about = `Filo Diretto: one inbox for everything that citizens write to a municipality or come to its counter for.

    To see it with nothing installed:      filodiretto demo
    To write the first configuration:      filodiretto config example > filodiretto.toml
    To make the first login:               filodiretto operator add --name "Anna Bianchi" --login anna
    To look whether every account works:   filodiretto check
    To run it:                             filodiretto serve --config filodiretto.toml

Every value of the configuration can also be set by a variable, such as FILODIRETTO_SERVER_LISTEN for listen under [server].
Exit codes: 0 all is well, 1 something is wrong or could not be done, 2 wrong use or wrong configuration.`

// commands are all that the program can do.
type commands struct {
	Demo      demoCommand      `cmd:"" help:"Start a whole made-up town on this machine, to look around in."`
	Serve     serveCommand     `cmd:"" help:"Serve the pages and do the work, until stopped."`
	Check     checkCommand     `cmd:"" help:"Try the configuration, the stores and every account, and say what is wrong."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the tables of the database to this program's version."`
	Operator  operatorCommands `cmd:"" help:"The people who work with the program."`
	Reconcile reconcileCommand `cmd:"" help:"Compare what the mailboxes hold with what was taken in."`
	Simulate  simulateCommand  `cmd:"" help:"Play days of a site again with other rules or counters."`
	Reports   reportsCommands  `cmd:"" help:"The figures of the rooms."`
	Register  registerCommands `cmd:"" help:"The protocol register."`
	Backup    backupCommand    `cmd:"" help:"Copy database and files together, as of one instant."`
	Restore   restoreCommand   `cmd:"" help:"Put a backup into an empty installation."`
	Bench     benchCommand     `cmd:"" help:"Measure the program; one JSON line for each figure."`
	Config    configCommands   `cmd:"" help:"The configuration."`
	Version   versionCommand   `cmd:"" help:"Print the program's version."`
}
