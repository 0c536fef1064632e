#include <algorithm>
#include <set>
#include <stdexcept>

#include "apps/files/atomic_write.h"
#include "apps/files/field_rows.h"
#include "apps/files/json_reader.h"
#include "apps/files/safetensors.h"
#include "apps/files/sha256.h"

namespace fleet::files {
namespace {

void require_valid(const Fields& fields) {
  std::set<std::string> names;
  for (const Field& field : fields) {
    if (field.name == "__metadata__" || !names.insert(field.name).second) {
      throw std::invalid_argument("two fields are named '" + field.name + "'");
    }
    if (std::ranges::any_of(field.shape, [](std::int64_t size) { return size < 0; })) {
      throw std::invalid_argument("field '" + field.name + "' has a negative size");
    }
  }
}

/// Returns the 8 bytes of size and the header, padded with spaces so that the data lie aligned.
std::string make_header(const std::vector<const Field*>& fields,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) {
    header["__metadata__"] = metadata;
  }
  std::uint64_t begin = 0;
  for (const Field* field : fields) {
    const std::uint64_t end = begin + field->num_bytes();
    header[field->name] = {
        {"dtype", name_of(field->dtype)}, {"shape", field->shape}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text;
}

}  // namespace

FileDigest save_safetensors(const std::string& path, const Fields& fields,
                            const std::map<std::string, std::string>& metadata) {
  require_valid(fields);
  std::vector<const Field*> ordered;
  for (const Field& field : fields) {
    ordered.push_back(&field);
  }
  std::ranges::stable_sort(ordered, std::greater<>(),
                           [](const Field* field) { return size_of(field->dtype); });
  AtomicFile file(path);
  Sha256 hash;
  FileDigest digest;
  const auto write = [&](std::span<const std::byte> bytes) {
    file.write(bytes);
    hash.update(bytes);
    digest.num_bytes += bytes.size();
  };
  const std::string header = make_header(ordered, metadata);
  write(std::as_bytes(std::span(header)));
  for (const Field* field : ordered) {
    for_each_block(*field, write);
  }
  file.commit();
  digest.sha256 = hash.hex();
  return digest;
}

}  // namespace fleet::files
