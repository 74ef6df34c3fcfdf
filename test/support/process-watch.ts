import type { LabHost } from "../../lab/host.ts";

/** One process that forks nothing: it must see others that live for less than a tenth of a second. */
const LOOK = `
  $| = 1;
  while (1) {
    for my $file (glob "/proc/[0-9]*/cmdline") {
      open my $in, "<", $file or next;
      my $line = <$in> // "";
      $line =~ tr/\\0/ /;
      print "$line\\n" unless $seen{$line}++;
    }
    select undef, undef, undef, 0.02;
  }`;

/** Writes down the command line of every process on a host, 50 times a second, until it is asked what it saw. */
export async function watchProcesses(host: LabHost): Promise<{ seen(): Promise<string> }> {
  const file = "/var/log/lab-processes";
  const pid = (await host.must(`setsid perl -e '${LOOK}' >${file} 2>&1 </dev/null & echo $!`)).trim();
  return { seen: () => host.must(`kill ${pid}; cat ${file}; rm ${file}`) };
}
