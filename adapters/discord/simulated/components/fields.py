"""Which fields each kind of component has. Source: the API description, …ForMessageRequest and …ForModalRequest."""

from collections.abc import Mapping

from adapters.discord.simulated.components.kinds import ComponentType

ANY = frozenset({"type", "id"})
SELECT = ANY | {"custom_id", "placeholder", "min_values", "max_values", "disabled", "required"}
GROUP = ANY | {"custom_id", "required", "options"}

FIELDS: Mapping[int, frozenset[str]] = {
    ComponentType.ACTION_ROW: ANY | {"components"},
    ComponentType.BUTTON: ANY | {"custom_id", "style", "label", "disabled", "url", "sku_id", "emoji"},
    ComponentType.STRING_SELECT: SELECT | {"options"},
    ComponentType.TEXT_INPUT: ANY
    | {"custom_id", "style", "label", "value", "placeholder", "required", "min_length", "max_length"},
    ComponentType.USER_SELECT: SELECT | {"default_values"},
    ComponentType.ROLE_SELECT: SELECT | {"default_values"},
    ComponentType.MENTIONABLE_SELECT: SELECT | {"default_values"},
    ComponentType.CHANNEL_SELECT: SELECT | {"default_values", "channel_types"},
    ComponentType.SECTION: ANY | {"components", "accessory"},
    ComponentType.TEXT_DISPLAY: ANY | {"content"},
    ComponentType.THUMBNAIL: ANY | {"description", "spoiler", "media"},
    ComponentType.MEDIA_GALLERY: ANY | {"items"},
    ComponentType.FILE: ANY | {"spoiler", "file"},
    ComponentType.SEPARATOR: ANY | {"spacing", "divider"},
    ComponentType.CONTAINER: ANY | {"accent_color", "components", "spoiler"},
    ComponentType.LABEL: ANY | {"label", "description", "component"},
    ComponentType.FILE_UPLOAD: ANY | {"custom_id", "min_values", "max_values", "required"},
    ComponentType.RADIO_GROUP: GROUP,
    ComponentType.CHECKBOX_GROUP: GROUP | {"min_values", "max_values"},
    ComponentType.CHECKBOX: ANY | {"custom_id", "default"},
}
