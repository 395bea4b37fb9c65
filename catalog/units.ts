/** Bytes of the binary units, in which memory is counted. */
export const bytesPerKiB = 1024;
export const bytesPerMiB = 1024 * bytesPerKiB;
export const bytesPerGiB = 1024 * bytesPerMiB;
export const bytesPerTiB = 1024 * bytesPerGiB;

/** Bytes of the decimal units, in which disks, networks and bandwidths are counted. */
export const bytesPerMB = 1_000_000;
export const bytesPerGB = 1_000 * bytesPerMB;
export const bytesPerTB = 1_000 * bytesPerGB;

export const secondsPerMinute = 60;
export const secondsPerHour = 60 * secondsPerMinute;
export const secondsPerDay = 24 * secondsPerHour;

/** Hours of a month as cloud providers bill it: a twelfth of 365 days. */
export const hoursPerMonth = (365 * 24) / 12;
