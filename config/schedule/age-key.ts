const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** What is wrong with an age public key, without showing it: it may be the private key. */
export function faultOfAgeKey(text: string): string | undefined {
  if (/^AGE-SECRET-KEY/i.test(text))
    return "is a private key, which does not belong here: use its public key (age1…), as age-keygen -y prints it";
  if (!/^age1[ac-hj-np-z02-9]{58}$/.test(text)) return "is not an age public key: age1 and 58 letters and digits";
  return hasValidChecksum(text) ? undefined : "is not an age public key: its checksum is wrong, so it is mistyped";
}

/** The Bech32 checksum: with a mistyped key no one could decrypt the backups. */
function hasValidChecksum(text: string): boolean {
  const at = text.lastIndexOf("1");
  const prefix = [...text.slice(0, at)].map((char) => char.charCodeAt(0));
  const data = [...text.slice(at + 1)].map((char) => ALPHABET.indexOf(char));
  const values = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data];
  return values.reduce(step, 1) === 1;
}

const step = (sum: number, value: number): number =>
  GENERATOR.reduce((all, part, bit) => ((sum >>> (25 + bit)) & 1 ? all ^ part : all), ((sum & 0x1ffffff) << 5) ^ value);
