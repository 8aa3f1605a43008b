#include "privacy/deidentify/rules.hpp"
#include "privacy/deidentify/validators.hpp"

namespace hippocrypt::privacy {
namespace {

#define TLD                                                                                        \
  "(?:com|org|net|edu|gov|mil|int|info|biz|io|co|us|uk|ca|de|fr|it|es|nl|eu|au|jp|cn|in|br|ch|at|" \
  "be|se|"                                                                                         \
  "no|fi|dk|ie|pl|pt|ru|mx|nz|za|health|care|clinic|hospital|doctor|me|tv|app|dev|online|site|"    \
  "xyz)"
#define HOST "(?:[A-Za-z0-9-]{1,40}\\.){1,5}"

constexpr Rule rules[] = {
    {Category::email, "e-mail",
     "([A-Za-z0-9._%+'-]{1,64}\\s{0,1}@\\s{0,1}(?:[A-Za-z0-9-]{1,40}\\s{0,1}\\.\\s{0,1}){1,5}[A-Za-"
     "z0-9]"
     "{2,12})\\b",
     0.95},
    {Category::email, "e-mail in words",
     "(?i)\\b([a-z0-9._-]{2,40}\\s{0,2}(?:\\(at\\)|\\[at\\]|\\sat\\s)\\s{0,2}[a-z0-9-]{2,40}\\s{0,"
     "2}(?:"
     "\\(dot\\)|\\[dot\\]|\\sdot\\s|\\.)\\s{0,2}" TLD ")\\b",
     0.7},
    {Category::url, "web address",
     "(?i)\\b((?:https?|ftps?|sftp)\\s?://\\s?[^\\s\"'<>|\\\\]{1,300})", 0.95},
    {Category::url, "www", "(?i)\\b(www\\.[^\\s\"'<>|\\\\]{2,300})", 0.95},
    {Category::url, "bare domain",
     "\\b((?:[a-z0-9-]{2,40}\\.){1,4}(?:com|org|net|edu|gov|info|io|health|clinic|co\\.uk)(?:/"
     "[^\\s\"'<>"
     "|\\\\]{0,200})?)\\b",
     0.7},
    {Category::url, "social media handle", "(?:^|[\\s(])(@[A-Za-z][A-Za-z0-9_.]{2,30})\\b", 0.7},
    {Category::ip, "IPv4", "(?:^|[^0-9.])(\\d{1,3}(?:\\.\\d{1,3}){3})(?:[^0-9.]|\\.[^0-9]|\\.?$)",
     0.8, 0, CueKind::none, 0, nullptr, is_ipv4},
    {Category::ip, "IPv4, misread",
     "(?:^|[^0-9A-Za-z.])([0-9OolI]{1,3}(?:\\.[0-9OolI]{1,3}){3})(?:[^0-9A-Za-z.]|\\.[^0-9]|\\.?$)",
     0.6},
    {Category::ip, "IPv6",
     "(?i)(?:^|[^0-9a-z:])((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,7}:(?:[0-9a-f]{"
     "1,4}"
     "(?::[0-9a-f]{1,4}){0,6})?|::[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){1,6})",
     0.8},
    {Category::ip, "IPv6, misread",
     "(?i)(?:^|[^0-9a-z:])([0-9a-fOolIS]{4}::?(?:[0-9a-fOolIS]{1,4}:){2,6}[0-9a-fOolIS]{1,4})",
     0.6},
    {Category::device, "MAC address",
     "(?i)\\b([0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5})\\b", 0.9},
    {Category::photo, "image file",
     "(?i)\\b([a-z0-9][a-z0-9_.-]{0,80}\\.(?:jpe?g|png|tiff?|gif|bmp|heic|dcm|dicom|webp|raw|mp4|"
     "mov|avi)"
     ")\\b",
     0.9},
    {Category::other, "UUID",
     "(?i)\\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\\b", 0.9},
    {Category::other, "object identifier", "(?:^|[^:0-9.])([0-2](?:\\.\\d{1,39}){7,20})\\b", 0.8},
};

}  // namespace

std::span<const Rule> network_rules() { return rules; }

}  // namespace hippocrypt::privacy
