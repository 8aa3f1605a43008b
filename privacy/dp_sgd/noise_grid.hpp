#pragma once
// The grid of whole numbers on which a lot is summed and noised. The noise has sigma 2^k grid
// units, a unit of data moves the sum by at most `sensitivity` grid units, and the accountant is
// told their ratio, the noise multiplier. The size of a grid unit comes from the clip norm. The
// README of this folder derives why the accountant of the real Gaussian holds here.

namespace hippocrypt::privacy {

struct NoiseGrid {
  int log2_sigma = 0;      ///< k; of no use without noise
  double sensitivity = 0;  ///< in grid units, with noise at most 2^30
  bool has_noise = true;

  friend bool operator==(const NoiseGrid&, const NoiseGrid&) = default;

  /// For a multiplier in (0, 1e9]. The sensitivity is 2^26 to 2^27 for multipliers between 2^-16
  /// and 32. Larger multipliers have a coarser grid (from 1e6 on gradients round to nothing),
  /// smaller ones down to 1e-6 a finer one; below that the noise stays that of 1e-6.
  static NoiseGrid of(double noise_multiplier);
  /// For training without privacy: a grid unit of 2^-30 or less, whatever the clip norm.
  static NoiseGrid without_noise(double clip);
};

}  // namespace hippocrypt::privacy
