#include "apps/render/gl_context.h"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/osmesa.h>
#include <dlfcn.h>

namespace fleet::render {
namespace {

/// A shared library opened by name. Never closed: drivers do not survive that.
class Library {
 public:
  explicit Library(const std::vector<const char*>& names) {
    for (const char* name : names) {
      // Global, because MuJoCo looks the library's functions up by name.
      if (handle_ = dlopen(name, RTLD_NOW | RTLD_GLOBAL); handle_ != nullptr) {
        return;
      }
    }
    throw std::runtime_error(std::string(names.front()) + " cannot be opened");
  }

  template <class Function>
  Function* find(const char* name) const {
    auto* const function = reinterpret_cast<Function*>(dlsym(handle_, name));
    if (function == nullptr) {
      throw std::runtime_error(std::string("no ") + name + " in the library");
    }
    return function;
  }

 private:
  void* handle_ = nullptr;
};

class OsMesaContext final : public GlContext {
 public:
  OsMesaContext()
      : library_({"libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so"}),
        destroy_(library_.find<decltype(OSMesaDestroyContext)>("OSMesaDestroyContext")) {
    const auto create = library_.find<decltype(OSMesaCreateContextExt)>("OSMesaCreateContextExt");
    const auto use = library_.find<decltype(OSMesaMakeCurrent)>("OSMesaMakeCurrent");
    context_ = create(OSMESA_RGBA, 24, 8, 0, nullptr);
    // MuJoCo draws into a buffer of its own; this one only has to exist.
    if (context_ == nullptr || use(context_, pixel_.data(), GL_UNSIGNED_BYTE, 1, 1) == GL_FALSE) {
      throw std::runtime_error("it makes no context");
    }
  }
  ~OsMesaContext() override { destroy_(context_); }
  const char* name() const override { return "OSMesa"; }

 private:
  Library library_;
  decltype(OSMesaDestroyContext)* destroy_;
  OSMesaContext context_ = nullptr;
  std::array<unsigned char, 4> pixel_{};
};

class EglContext final : public GlContext {
 public:
  EglContext() : library_({"libEGL.so.1", "libEGL.so"}) {
    if (!open_display()) {
      throw std::runtime_error("it opens no display");
    }
    const auto bind = library_.find<decltype(eglBindAPI)>("eglBindAPI");
    const auto choose = library_.find<decltype(eglChooseConfig)>("eglChooseConfig");
    const auto create = library_.find<decltype(eglCreateContext)>("eglCreateContext");
    const auto surface =
        library_.find<decltype(eglCreatePbufferSurface)>("eglCreatePbufferSurface");
    const auto use = library_.find<decltype(eglMakeCurrent)>("eglMakeCurrent");
    constexpr std::array<EGLint, 5> kConfig{EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE,
                                            EGL_OPENGL_BIT, EGL_NONE};
    constexpr std::array<EGLint, 5> kPixel{EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (choose(display_, kConfig.data(), &config, 1, &count) == EGL_FALSE || count == 0 ||
        bind(EGL_OPENGL_API) == EGL_FALSE) {
      throw std::runtime_error("it has no desktop OpenGL");
    }
    const EGLContext context = create(display_, config, EGL_NO_CONTEXT, nullptr);
    const EGLSurface pixel = surface(display_, config, kPixel.data());
    if (context == EGL_NO_CONTEXT || use(display_, pixel, pixel, context) == EGL_FALSE) {
      throw std::runtime_error("it makes no context");
    }
  }
  ~EglContext() override { library_.find<decltype(eglTerminate)>("eglTerminate")(display_); }
  const char* name() const override { return "EGL"; }

 private:
  /// A display without a screen: of Mesa, then of the first GPU, then the default one.
  bool open_display() {
    const auto initialise = library_.find<decltype(eglInitialize)>("eglInitialize");
    const auto address = library_.find<decltype(eglGetProcAddress)>("eglGetProcAddress");
    const auto platform =
        reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(address("eglGetPlatformDisplayEXT"));
    const auto try_display = [&](EGLDisplay display) {
      display_ = display;
      return display != EGL_NO_DISPLAY && initialise(display, nullptr, nullptr) == EGL_TRUE;
    };
    if (platform != nullptr) {
      const auto devices =
          reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(address("eglQueryDevicesEXT"));
      EGLDeviceEXT device = nullptr;
      EGLint count = 0;
      if (devices != nullptr && devices(1, &device, &count) == EGL_TRUE && count > 0 &&
          try_display(platform(EGL_PLATFORM_DEVICE_EXT, device, nullptr))) {
        return true;
      }
      if (try_display(platform(EGL_PLATFORM_SURFACELESS_MESA, nullptr, nullptr))) {
        return true;
      }
    }
    return try_display(
        library_.find<decltype(eglGetDisplay)>("eglGetDisplay")(EGL_DEFAULT_DISPLAY));
  }

  Library library_;
  EGLDisplay display_ = EGL_NO_DISPLAY;
};

template <class Context>
std::unique_ptr<GlContext> attempt(const char* name, std::string& problems) {
  try {
    std::unique_ptr<GlContext> context = std::make_unique<Context>();
    setenv("MUJOCO_GL", name, 1);  // where MuJoCo is to look for OpenGL's functions
    return context;
  } catch (const std::runtime_error& error) {
    problems += (problems.empty() ? "" : "; ") + std::string(name) + ": " + error.what();
    return nullptr;
  }
}

}  // namespace

std::unique_ptr<GlContext> make_gl_context() {
  const char* const variable = std::getenv("MUJOCO_GL");
  const std::string wanted = variable != nullptr ? variable : "";
  std::string problems;
  std::unique_ptr<GlContext> context;
  if (wanted != "egl") {
    context = attempt<OsMesaContext>("osmesa", problems);
  }
  if (!context && wanted != "osmesa") {
    context = attempt<EglContext>("egl", problems);
  }
  if (!context) {
    throw std::runtime_error("no picture can be drawn here (" + problems +
                             "); install Debian's libosmesa6");
  }
  return context;
}

}  // namespace fleet::render
