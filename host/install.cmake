# What `cmake --install` puts where, and the Debian package that CPack makes of it. Programs find their data beside
# themselves (host/base/files.h), so the tree may be moved as a whole.
set(KAOPU_SHARE ${CMAKE_INSTALL_DATADIR}/kaopu)
install(TARGETS kaopu kaopu-host kaopu-registry RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY host/data/ DESTINATION ${KAOPU_SHARE}/data)
install(DIRECTORY extension/_locales/ DESTINATION ${KAOPU_SHARE}/locales)
install(FILES
  manifests/browser_locations.json manifests/extension_key.json
  manifests/native_host.chromium.json manifests/native_host.firefox.json
  manifests/kaopu-registry.service manifests/kaopu-witness.service manifests/kaopu-registry.nginx.conf
  DESTINATION ${KAOPU_SHARE}/manifests)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY host/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
# The extension's packages, made anew so that they are never those of another version: for loading by hand until the
# stores have it.
install(CODE "
  execute_process(COMMAND node \"${PROJECT_SOURCE_DIR}/extension/package.mjs\" --out \"${CMAKE_BINARY_DIR}/extension\"
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE why)
  if(failed)
    message(WARNING \"Installed without the browser extension: it could not be put together (\${failed}) \${why}\\nNext: \"
      \"apt-get install nodejs zip, then install again.\")
  else()
    file(INSTALL \"${CMAKE_BINARY_DIR}/kaopu-${PROJECT_VERSION}-chromium.zip\"
      \"${CMAKE_BINARY_DIR}/kaopu-${PROJECT_VERSION}-firefox.zip\"
      DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${KAOPU_SHARE}/extension\")
  endif()")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kaopu)
set(CPACK_PACKAGE_VENDOR "The Kaopu authors")
set(CPACK_PACKAGE_CONTACT "The Kaopu authors <kaopu@kaopu.github.io>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "warns before you pay a seller who ships late or not at all")
set(CPACK_PACKAGE_DESCRIPTION
  "Kaopu reads the shop page you look at, remembers how your own orders
went, and says before checkout whether the seller is dependable. This
package holds the program that browsers start, which cannot reach the
network, the command line, and the browser extension as zip files.
Run: kaopu install (connects your browsers), kaopu doctor (checks them).")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://kaopu.github.io")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian/stage.cmake)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION web)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
