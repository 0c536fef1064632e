#include "apps/files/sha256.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>

#include "apps/files/field_rows.h"
#include "apps/files/file_handle.h"

namespace fleet::files {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;

void require_success(int result) {
  if (result != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  }
}

void update_number(Sha256& hash, std::int64_t number) {
  hash.update(std::as_bytes(std::span(&number, 1)));
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require_success(context_ != nullptr ? EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)
                                      : 0);
}

void Sha256::update(std::span<const std::byte> bytes) {
  require_success(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() {
  unsigned char digest[32];
  require_success(EVP_DigestFinal_ex(context_.get(), digest, nullptr));
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string sha256(std::string_view text) { return sha256(std::as_bytes(std::span(text))); }

std::string sha256_of_file(const std::string& path) {
  const FileHandle file = open_for_reading(path);
  const std::uint64_t size = file.regular_size();
  Sha256 hash;
  std::vector<std::byte> block(kBlockBytes);
  for (std::uint64_t offset = 0; offset < size; offset += block.size()) {
    const auto bytes = std::span(block).first(std::min<std::uint64_t>(kBlockBytes, size - offset));
    file.read_at(bytes, offset);
    hash.update(bytes);
  }
  return hash.hex();
}

std::string sha256_of_fields(const Fields& fields) {
  Sha256 hash;
  for (const Field& field : fields) {
    update_number(hash, static_cast<std::int64_t>(field.name.size()));
    hash.update(field.name);
    hash.update(name_of(field.dtype));
    update_number(hash, static_cast<std::int64_t>(field.shape.size()));
    for (const std::int64_t size : field.shape) {
      update_number(hash, size);
    }
    for_each_block(field, [&](std::span<std::byte> block) { hash.update(block); });
  }
  return hash.hex();
}

}  // namespace fleet::files
