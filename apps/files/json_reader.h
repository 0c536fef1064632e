#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace fleet::files {

/// Parses JSON from a file that may be hostile: capped in depth and number of values, and no key
/// may be given twice (which of the two would count is where parsers differ).
///
/// @param first_byte where `text` begins in the file, for messages.
/// @throws FileError
nlohmann::json parse_json(std::string_view text, const std::string& file,
                          std::uint64_t first_byte = 0);

/// Returns the value of a key that must be there; the others also require its type.
///
/// @throws FileError naming the key
const nlohmann::json& require_key(const nlohmann::json& object, const std::string& key,
                                  const std::string& file);
std::string require_text(const nlohmann::json& object, const std::string& key,
                         const std::string& file);
std::int64_t require_integer(const nlohmann::json& object, const std::string& key,
                             const std::string& file);
std::uint64_t require_count(const nlohmann::json& object, const std::string& key,
                            const std::string& file);

}  // namespace fleet::files
