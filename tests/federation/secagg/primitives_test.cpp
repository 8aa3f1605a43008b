// Known answers: RFC 7748, RFC 5869, RFC 8032, RFC 8439, and Shamir shares computed by an
// independent program (Python, schoolbook multiplication).

#include <gtest/gtest.h>

#include <numeric>

#include "base/file.hpp"
#include "base/sha256.hpp"

#include "federation/secagg/client/identity_key.hpp"
#include "federation/secagg/common/hkdf.hpp"
#include "federation/secagg/common/key_agreement.hpp"
#include "federation/secagg/common/mask.hpp"
#include "federation/secagg/common/shamir.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation::secagg {
namespace {

SecretBytes secret_of(ByteView bytes) {
  SecretBytes secret(bytes.size());
  std::copy(bytes.begin(), bytes.end(), secret.reveal().begin());
  return secret;
}
SecretBytes secret_of(std::string_view hex) { return secret_of(from_hex(hex).value()); }

template <std::size_t size>
std::array<std::uint8_t, size> array_of(std::string_view hex) {
  std::array<std::uint8_t, size> out{};
  const Bytes bytes = from_hex(hex).value();
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

TEST(KeyAgreementTest, Rfc7748Section61) {
  const auto alice =
      KeyPair::of(secret_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const auto bob =
      KeyPair::of(secret_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  EXPECT_EQ(to_hex(alice.public_key()),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(to_hex(bob.public_key()),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const std::string agreed = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(to_hex(alice.agree(bob.public_key())->reveal()), agreed);
  EXPECT_EQ(to_hex(bob.agree(alice.public_key())->reveal()), agreed);
}

TEST(KeyAgreementTest, KeysOfLowOrderAreRefused) {
  const auto pair =
      KeyPair::of(secret_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  PublicKey one{};
  one[0] = 1;
  const auto of_order_eight =
      array_of<32>("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
  for (const PublicKey& low : {PublicKey{}, one, of_order_eight}) {
    const auto agreed = pair.agree(low);
    ASSERT_FALSE(agreed.has_value()) << to_hex(low);
    EXPECT_EQ(agreed.error().code, Errc::tampered);
  }
}

TEST(HkdfTest, Rfc5869TestCases1And3) {
  const Bytes input(22, 0x0b);
  EXPECT_EQ(to_hex(hkdf_sha256(input, *from_hex("000102030405060708090a0b0c"),
                               *from_hex("f0f1f2f3f4f5f6f7f8f9"), 42)
                       .reveal()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(to_hex(hkdf_sha256(input, {}, {}, 42).reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfTest, NoTwoListsOfFieldsAreAlike) {
  const auto text = [](std::string_view value) { return as_bytes(value); };
  EXPECT_NE(labelled("a", {text("bc")}), labelled("ab", {text("c")}));
  EXPECT_NE(labelled("a", {text("b"), text("c")}), labelled("a", {text("bc")}));
  EXPECT_NE(labelled("a", {text(""), text("b")}), labelled("a", {text("b"), text("")}));
}

TEST(SignaturesTest, Rfc8032Section71Test2) {
  const auto identity =
      array_of<32>("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto signature = array_of<64>(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const Bytes statement{0x72};
  EXPECT_TRUE(is_signed_by(identity, statement, signature));
  EXPECT_FALSE(is_signed_by(identity, Bytes{0x73}, signature));
  auto changed = signature;
  changed[63] ^= 1;
  EXPECT_FALSE(is_signed_by(identity, statement, changed));
}

TEST(IdentityKeyTest, SignsAndStaysInItsFile) {
  const test_support::TemporaryFolder folder;
  test_support::SeededRandom random{1};
  const auto path = folder.path() / "identity";
  EXPECT_EQ(IdentityKey::load(path).error().code, Errc::not_found);
  const auto made = IdentityKey::load_or_create(path, random).value();
  EXPECT_EQ(IdentityKey::load(path)->public_part(), made.public_part());
  const auto read = IdentityKey::load_or_create(path, random).value();
  EXPECT_EQ(made.public_part(), read.public_part());
  const Bytes statement{1, 2, 3};
  EXPECT_EQ(made.sign(statement), read.sign(statement));
  EXPECT_TRUE(is_signed_by(read.public_part(), statement, made.sign(statement)));
  EXPECT_NE(IdentityKey::create(random).public_part(), made.public_part());
}

TEST(IdentityKeyTest, RefusesWhatIsNoSecretKeyFile) {
  const test_support::TemporaryFolder folder;
  test_support::SeededRandom random{1};
  const auto open_file = folder.path() / "open";
  ASSERT_TRUE(IdentityKey::load_or_create(open_file, random).has_value());
  std::filesystem::permissions(open_file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(IdentityKey::load_or_create(open_file, random).error().code, Errc::tampered);
  for (const std::string_view content :
       {std::string_view{"hippocrypt identity 1\nshort"}, std::string_view{""},
        std::string_view{"hippocrypt identity 1\n01234567890123456789012345678901 and more"}}) {
    const auto path = folder.path() / "other";
    ASSERT_TRUE(write_file_atomically(path, as_bytes(content)).has_value());
    EXPECT_EQ(IdentityKey::load_or_create(path, random).error().code, Errc::malformed) << content;
  }
  const auto newer = folder.path() / "newer";
  ASSERT_TRUE(write_file_atomically(
      newer, as_bytes("hippocrypt identity 2\n01234567890123456789012345678901")));
  const auto refused = IdentityKey::load_or_create(newer, random);
  EXPECT_EQ(refused.error().code, Errc::unsupported);
  EXPECT_EQ(refused.error().detail, newer.string() + test_support::newer_sentence(2));
  EXPECT_EQ(IdentityKey::load_or_create(folder.path() / "no" / "folder", random).error().code,
            Errc::io);
}

std::string keystream(const SecretBytes& key, std::uint64_t first_word) {
  std::vector<std::uint32_t> words(4, 0);
  apply_mask(words, {secret_of(key.reveal()), MaskSign::add}, first_word);
  return to_hex({reinterpret_cast<const std::uint8_t*>(words.data()), words.size() * 4});
}

TEST(MaskTest, BlocksAreAesOfTheirCounters) {
  // NIST's AESAVS, appendix C.3 (KeySbox, 256 bits): the block of zeros under this key.
  const Bytes key = *from_hex("c47b0294dbbbee0fec4757f22ffeee3587ca4730c3d33b691df38bab076bc558");
  EXPECT_EQ(keystream(secret_of(key), 0), "46f2fb342d6f0ab477476fc501242c5f");
  // Counters are big-endian (SP 800-38A): `openssl enc -aes-256-ecb` of 0, 1, 2^32 - 1 and 2^32.
  const SecretBytes zero(32);
  EXPECT_EQ(keystream(zero, 0), "dc95c078a2408989ad48a21492842087");
  EXPECT_EQ(keystream(zero, 4), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(keystream(zero, 4 * 0xffffffffULL), "ebc85b60c80ac906911208ac8191ca99");
  EXPECT_EQ(keystream(zero, 4 * 0x100000000ULL), "677d494dbb73caf55c1990158da12f14");
}

TEST(MaskTest, SubtractingTakesOffWhatAddingPutOn) {
  std::vector<std::uint32_t> words(1000);
  std::iota(words.begin(), words.end(), 7U);
  const auto before = words;
  apply_mask(words, {SecretBytes(32), MaskSign::add}, 0);
  EXPECT_NE(words, before);
  apply_mask(words, {SecretBytes(32), MaskSign::subtract}, 0);
  EXPECT_EQ(words, before);
}

TEST(MaskTest, ThreadsAndRangesChangeNothing) {
  const std::size_t count = 3 * mask_range_words + 12345;
  std::vector<Mask> masks;
  for (std::uint8_t i = 0; i < 5; ++i) {
    SecretBytes key(32);
    key.reveal()[0] = i;
    masks.push_back({std::move(key), i % 2 == 0 ? MaskSign::add : MaskSign::subtract});
  }
  std::vector<std::uint32_t> whole(count, 3), one(count, 3), four(count, 3);
  for (const Mask& mask : masks) apply_mask(whole, mask, 0);
  apply_masks(one, masks, 1);
  apply_masks(four, masks, 4);
  EXPECT_EQ(one, whole);
  EXPECT_EQ(four, whole);
}

TEST(ShamirTest, MultiplicationIsThatOfTheField) {
  EXPECT_EQ(multiply(0x57, 0x83), 0xc1);  // FIPS 197, section 4.2
  // SHA-256 over all 65,536 products, from the independent program.
  Sha256 hash;
  for (int a = 0; a < 256; ++a) {
    Bytes row(256);
    for (std::size_t b = 0; b < 256; ++b) {
      row[b] = multiply(static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b));
    }
    hash.add(row);
  }
  EXPECT_EQ(to_hex(hash.finish()),
            "14a1e7e77ca8a30b5bb53e6310748ce0498eb9e04ab78a44dbefb6ebfac8a84b");
  for (int a = 1; a < 256; ++a) {
    const auto value = static_cast<std::uint8_t>(a);
    EXPECT_EQ(multiply(value, reciprocal(value)), 1) << a;
  }
}

/// Coefficients of the independent program.
class FixedCoefficients final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override {
    ASSERT_EQ(out.size(), 64U);
    for (std::size_t i = 0; i < 32; ++i) {
      out[i] = static_cast<std::uint8_t>(7 * i + 1);
      out[32 + i] = static_cast<std::uint8_t>(13 * i + 200);
    }
  }
};

TEST(ShamirTest, SharesOfAnIndependentProgram) {
  Bytes secret(32);
  std::iota(secret.begin(), secret.end(), std::uint8_t{0});
  FixedCoefficients coefficients;
  const SharedSecret shared{secret_of(secret), 3, coefficients};
  EXPECT_EQ(to_hex(shared.share(1).reveal()),
            "c9dceffae5283b16017407123d2013eef9ccdf2a55586b46b1a4b782ed90839e");
  EXPECT_EQ(to_hex(shared.share(2).reveal()),
            "0f68b9bee36908efba7db7d02d6a2bc1a44312ce086f8ea9515607e05d8180c7");
  EXPECT_EQ(to_hex(shared.share(7).reveal()),
            "f66aca6d2f44e2307ae671ed497d00fbd1dbeddc3f7b4bef6acdfbf1f86df0c4");
  EXPECT_EQ(to_hex(shared.share(255).reveal()),
            "8823ef06bc8d363a880c6cc742715ad01be67c9ddd876ae2e9009a67d910e9da");
}

ShareBytes bytes_of(const SecretBytes& share) {
  ShareBytes out{};
  std::copy(share.reveal().begin(), share.reveal().end(), out.begin());
  return out;
}

TEST(ShamirTest, EveryThresholdOfSharesGivesTheSecret) {
  test_support::SeededRandom random{4};
  SecretBytes secret(32);
  random.fill(secret.reveal());
  constexpr std::size_t threshold = 3, count = 5;
  const SharedSecret shared{secret, threshold, random};
  std::vector<ShareBytes> shares;
  for (SharePoint point = 1; point <= count; ++point)
    shares.push_back(bytes_of(shared.share(point)));
  int sets = 0;
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      for (std::size_t c = b + 1; c < count; ++c, ++sets) {
        const std::vector<SharePoint> points{static_cast<SharePoint>(a + 1),
                                             static_cast<SharePoint>(b + 1),
                                             static_cast<SharePoint>(c + 1)};
        const std::vector<const ShareBytes*> chosen{&shares[a], &shares[b], &shares[c]};
        const SecretBytes rebuilt = Interpolation{points, 0}.combine(chosen);
        EXPECT_EQ(to_hex(rebuilt.reveal()), to_hex(secret.reveal()));
        // The same polynomial goes through every other share.
        EXPECT_EQ(bytes_of(Interpolation{points, 5}.combine(chosen)), shares[4]);
      }
    }
  }
  EXPECT_EQ(sets, 10);
}

TEST(ShamirTest, OneShareLessFitsEverySecret) {
  // Two shares of a threshold of three, and any secret whatever: a third share completes them.
  test_support::SeededRandom random{5};
  const SharedSecret shared{SecretBytes(32), 3, random};
  const ShareBytes first = bytes_of(shared.share(1)), second = bytes_of(shared.share(2));
  for (const auto value : std::array<std::uint8_t, 3>{1, 77, 255}) {
    ShareBytes claimed{};
    claimed.fill(value);
    const std::vector<SharePoint> points{1, 2};
    // A polynomial of degree 2 through (0, claimed), (1, first), (2, second), seen at 3: Lagrange
    // over these three points is a sum of multiples of the three values.
    ShareBytes third{};
    for (std::size_t i = 0; i < third.size(); ++i) {
      const auto term = [](std::uint8_t y, std::uint8_t at, std::uint8_t p, std::uint8_t q) {
        const std::uint8_t above = multiply(static_cast<std::uint8_t>(3 ^ p), 3 ^ q);
        const std::uint8_t below =
            multiply(static_cast<std::uint8_t>(at ^ p), static_cast<std::uint8_t>(at ^ q));
        return multiply(y, multiply(above, reciprocal(below)));
      };
      third[i] = static_cast<std::uint8_t>(term(claimed[i], 0, 1, 2) ^ term(first[i], 1, 0, 2) ^
                                           term(second[i], 2, 0, 1));
    }
    const std::vector<SharePoint> all{1, 2, 3};
    const std::vector<const ShareBytes*> chosen{&first, &second, &third};
    EXPECT_EQ(bytes_of(Interpolation{all, 0}.combine(chosen)), claimed);
  }
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
