// The bot of ../scenario.py in discord.js's idiom.
const {
  ActionRowBuilder,
  ApplicationCommandType,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  Client,
  ContextMenuCommandBuilder,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  Partials,
  SlashCommandBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
  UserSelectMenuBuilder,
} = require('discord.js');

const FOUND = ['Lilith', 'Lilian', 'Baal'];

const notice = (event, facts = {}) => console.log(JSON.stringify({ event, ...facts }));

const client = new Client({
  rest: { api: process.env.DISCORD_API_BASE.replace(/\/v10$/, ''), version: '10' },
  intents: Object.values(GatewayIntentBits).filter(Number.isInteger),
  partials: [Partials.Channel],
});

const commands = [
  new SlashCommandBuilder()
    .setName('echo')
    .setDescription('Say something again')
    .addStringOption((option) => option.setName('text').setDescription('what to say').setRequired(true))
    .addBooleanOption((option) => option.setName('quietly').setDescription('so that only you see it')),
  new SlashCommandBuilder().setName('think').setDescription('Think for a while'),
  new SlashCommandBuilder()
    .setName('find')
    .setDescription('Find somebody')
    .addStringOption((option) =>
      option.setName('name').setDescription('who').setRequired(true).setAutocomplete(true),
    ),
  new SlashCommandBuilder().setName('panel').setDescription('Show a panel'),
  new SlashCommandBuilder()
    .setName('introduce')
    .setDescription('Introduce somebody')
    .addUserOption((option) => option.setName('person').setDescription('whom').setRequired(true))
    .addChannelOption((option) =>
      option
        .setName('place')
        .setDescription('where')
        .setRequired(true)
        .addChannelTypes(ChannelType.GuildText),
    )
    .addRoleOption((option) => option.setName('rank').setDescription('as what').setRequired(true)),
  new SlashCommandBuilder()
    .setName('character')
    .setDescription('Characters')
    .addSubcommandGroup((voice) =>
      voice
        .setName('voice')
        .setDescription('Voices')
        .addSubcommand((set) =>
          set
            .setName('set')
            .setDescription('Choose a voice')
            .addStringOption((option) => option.setName('name').setDescription('whose').setRequired(true))
            .addIntegerOption((option) =>
              option.setName('speed').setDescription('how fast').setRequired(true).setMinValue(1).setMaxValue(5),
            )
            .addStringOption((option) =>
              option
                .setName('tone')
                .setDescription('how')
                .setRequired(true)
                .addChoices({ name: 'Softly', value: 'soft' }),
            ),
        ),
    ),
  new ContextMenuCommandBuilder().setName('Quote').setType(ApplicationCommandType.Message),
  new ContextMenuCommandBuilder().setName('Wave').setType(ApplicationCommandType.User),
];

let persona;

client.on(Events.Warn, (text) => console.error('warning:', text));
client.on(Events.Error, (error) => console.error(error));
client.on(Events.ShardResume, () => notice('resumed'));

client.once(Events.ClientReady, async () => {
  const synced = await client.application.commands.set(commands);
  notice('ready', {
    name: client.user.username,
    application: client.application.id,
    guilds: client.guilds.cache.map((guild) => guild.name),
    commands: synced.map((command) => command.name).sort(),
  });
});

client.on(Events.MessageCreate, async (message) => {
  const { author, channel, content, guild, id } = message;
  if (message.webhookId || author.id === client.user.id) {
    notice('own', { id, author: author.username, content });
    return;
  }
  notice('heard', { id, author: author.username, content });
  if (content === 'hello') {
    const where = guild ? `this is #${channel.name} of ${guild.name}` : 'we are alone';
    await message.reply(`Hello ${author.displayName}, ${where}`);
  } else if (content.startsWith('look')) {
    const file = message.attachments.first();
    const text = await (await fetch(file.url)).text();
    const people = message.mentions.users.map((user) => user.displayName).join(', ');
    await channel.send(`${file.name} says ${text} to ${people}`);
  } else if (content === 'persona') {
    await speakAsPersona(channel);
  } else if (content === 'persona edit') {
    await persona.webhook.editMessage(persona.message, { content: 'I am Lilith still', threadId: persona.threadId });
  } else if (content === 'persona delete') {
    await persona.webhook.deleteMessage(persona.message, persona.threadId);
  } else if (content === 'gallery') {
    const embed = new EmbedBuilder()
      .setTitle('A harbour')
      .setDescription('At dawn')
      .setColor(0x336699)
      .addFields({ name: 'Ships', value: '3' })
      .setFooter({ text: 'drawn by hand' });
    const chart = new AttachmentBuilder(Buffer.from('Here be dragons'), { name: 'chart.txt' });
    await channel.send({ embeds: [embed], files: [chart] });
  } else if (content === 'thread') {
    const thread = await message.startThread({ name: 'aside' });
    await thread.send('come here');
  } else if (content === 'history') {
    const earlier = await channel.messages.fetch({ limit: 2, before: id, cache: false });
    await channel.send(`earlier: ${earlier.map((each) => each.content).join(' | ')}`);
  } else if (content === 'shout') {
    await channel.send({ content: '@everyone', allowedMentions: { parse: [] } });
  } else if (content === 'like') {
    await message.react('👍');
  } else if (content === 'too much') {
    await channel.send('x'.repeat(2001)).catch(({ status, code }) => notice('refused', { status, code }));
  } else if (content === 'still there?') {
    await channel.send('still here');
  }
});

client.on(Events.MessageUpdate, (_, { id, content }) => notice('edited', { id, content }));
client.on(Events.MessageDelete, ({ id }) => notice('deleted', { id }));
client.on(Events.MessageReactionAdd, (reaction, user) =>
  notice('reacted', { id: reaction.message.id, emoji: reaction.emoji.name, author: user.username }),
);

async function speakAsPersona(channel) {
  const parent = channel.isThread() ? channel.parent : channel;
  const threadId = channel.isThread() ? channel.id : undefined;
  const webhooks = await parent.fetchWebhooks();
  const webhook =
    webhooks.find((each) => each.name === 'Personas') ?? (await parent.createWebhook({ name: 'Personas' }));
  const message = await webhook.send({
    content: 'I am Lilith',
    username: 'Lilith',
    avatarURL: 'https://pictures.example/lilith.png',
    threadId,
  });
  persona = { webhook, message, threadId };
}

client.on(Events.InteractionCreate, async (interaction) => {
  const who = interaction.member?.displayName ?? interaction.user.displayName;
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    const fitting = FOUND.filter((name) => name.toLowerCase().startsWith(typed));
    await interaction.respond(fitting.map((name) => ({ name, value: name.toLowerCase() })));
  } else if (interaction.isChatInputCommand()) {
    await answer[interaction.commandName](interaction, who);
  } else if (interaction.isButton() && interaction.customId === 'press') {
    await interaction.update(`Pressed by ${who}`);
  } else if (interaction.isButton()) {
    await interaction.showModal(letter());
  } else if (interaction.isStringSelectMenu()) {
    await interaction.reply({ content: `You chose ${interaction.values[0]}`, flags: MessageFlags.Ephemeral });
  } else if (interaction.isUserSelectMenu()) {
    const content = `You chose ${interaction.members.first().displayName}`;
    await interaction.reply({ content, flags: MessageFlags.Ephemeral });
  } else if (interaction.isMessageContextMenuCommand()) {
    const { author, content } = interaction.targetMessage;
    await interaction.reply(`${author.displayName} said ${content}`);
  } else if (interaction.isUserContextMenuCommand()) {
    await interaction.reply(`Hello ${interaction.targetMember.displayName}`);
  } else if (interaction.isModalSubmit()) {
    const [subject, body] = ['subject', 'body'].map((name) => interaction.fields.getTextInputValue(name));
    await interaction.reply(`${subject}: ${body}`);
  }
});

const answer = {
  async echo(interaction, who) {
    const content = `${who} says ${interaction.options.getString('text')}`;
    const quietly = interaction.options.getBoolean('quietly') ?? false;
    await interaction.reply({ content, flags: quietly ? MessageFlags.Ephemeral : undefined });
  },
  async think(interaction) {
    await interaction.deferReply();
    await interaction.editReply('42');
    await interaction.followUp({ content: 'but tell nobody', flags: MessageFlags.Ephemeral });
  },
  async find(interaction) {
    await interaction.reply(`Found ${interaction.options.getString('name')}`);
  },
  async introduce(interaction) {
    const { options } = interaction;
    const rank = options.getRole('rank').name;
    const place = options.getChannel('place').name;
    await interaction.reply(`${options.getMember('person').displayName}, ${rank}, in #${place}`);
  },
  async character(interaction) {
    const { options } = interaction;
    if (options.getSubcommandGroup() !== 'voice' || options.getSubcommand() !== 'set') return;
    const tone = { soft: 'Softly' }[options.getString('tone')];
    await interaction.reply(`${options.getString('name')} speaks ${tone} at ${options.getInteger('speed')}`);
  },
  async panel(interaction) {
    const buttons = new ActionRowBuilder().addComponents(
      new ButtonBuilder().setCustomId('press').setLabel('Press').setStyle(ButtonStyle.Primary),
      new ButtonBuilder().setCustomId('write').setLabel('Write').setStyle(ButtonStyle.Secondary),
    );
    const colours = new StringSelectMenuBuilder()
      .setCustomId('colour')
      .setPlaceholder('Colour')
      .addOptions({ label: 'Red', value: 'red' }, { label: 'Blue', value: 'blue' });
    const people = new UserSelectMenuBuilder().setCustomId('whom').setPlaceholder('Whom');
    const menus = [colours, people].map((menu) => new ActionRowBuilder().addComponents(menu));
    const components = [buttons, ...menus];
    await interaction.reply({ content: 'A panel', components });
  },
};

function letter() {
  const subject = new TextInputBuilder().setCustomId('subject').setStyle(TextInputStyle.Short).setMaxLength(50);
  const body = new TextInputBuilder().setCustomId('body').setStyle(TextInputStyle.Paragraph).setRequired(false);
  return new ModalBuilder()
    .setCustomId('letter')
    .setTitle('Letter')
    .addLabelComponents(
      new LabelBuilder().setLabel('Subject').setTextInputComponent(subject),
      new LabelBuilder().setLabel('Body').setDescription('At length').setTextInputComponent(body),
    );
}

process.on('SIGTERM', () => client.destroy().then(() => process.exit(0)));

client.login(process.env.DISCORD_TOKEN);
