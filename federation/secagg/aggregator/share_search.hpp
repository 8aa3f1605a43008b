#pragma once
// Rebuilding secrets when some of the shares are wrong.

#include <functional>
#include <optional>

#include "federation/secagg/common/messages.hpp"

namespace hippocrypt::federation::secagg {

/// Looks for `threshold` right shares among those of all who answered. Whoever sent a wrong one is
/// asked last from then on, so that one liar costs one search, not one for every secret.
class ShareSearch {
 public:
  using ShareOf = std::function<const ShareBytes&(MemberIndex)>;
  using IsRight = std::function<bool(const SecretBytes&)>;

  /// At least `threshold` members answered.
  ShareSearch(std::vector<MemberIndex> answered, std::size_t threshold);

  /// The secret that the shares of some `threshold` members give and that `is_right` accepts;
  /// nothing if none of the tried ones does. First the first ones; then sets in which one or two of
  /// them are replaced, at most max_tries over all calls.
  std::optional<SecretBytes> find(const ShareOf& share_of, const IsRight& is_right);

  /// Members whose share did not lie on the polynomial of a secret that was found, where that is
  /// the explanation with the fewest liars.
  const Members& faulty() const { return faulty_; }
  /// Whether wrong shares came that cannot be told from right ones.
  bool has_unknown_liars() const { return has_unknown_liars_; }

  static constexpr std::size_t max_tries = 4096;

 private:
  using Choice = std::vector<MemberIndex>;
  std::optional<SecretBytes> attempt(const Choice& choice, const ShareOf& share_of,
                                     const IsRight& is_right) const;
  std::optional<SecretBytes> search(const ShareOf& share_of, const IsRight& is_right);
  void note_faulty(const Choice& right, const ShareOf& share_of);
  void use_first();

  std::vector<MemberIndex> answered_;  ///< the trusted first
  std::size_t threshold_;
  std::optional<Interpolation> first_;  ///< of the first `threshold` of them, at 0
  Members faulty_;
  bool has_unknown_liars_ = false;
  std::size_t tries_ = 0;
};

}  // namespace hippocrypt::federation::secagg
